import type { SourceAlarm } from '@keyward/contract';
import { Link } from '@tanstack/react-router';
import { formatDuration } from '../../format/time.js';
import { Tag } from '../../parts/marks.js';
import { Panel } from '../../parts/Panel.js';
import { EmptyState } from '../../parts/states.js';
import { TimeText } from '../../parts/TimeText.js';
import { stateWords } from './source-words.js';

/** When it was silent, late or not readable. */
export function AlarmList({ alarms }: { readonly alarms: readonly SourceAlarm[] }) {
  return (
    <Panel title="Alarms" note="last 30 days" flush>
      {alarms.length === 0 ? (
        <EmptyState title="No alarm">
          A source that falls silent against its own rhythm, comes late or can not be read is told here and by an alert.
        </EmptyState>
      ) : (
        <ol className="kw-timeline">
          {alarms.map((alarm) => (
            <li key={alarm.uid} data-tone={alarm.endedAt === null ? 'alarm' : undefined}>
              <TimeText at={alarm.since} />
              <div>
                <div className="kw-row">
                  <Tag tone={alarm.endedAt === null ? stateWords(alarm.kind).tone : undefined}>{stateWords(alarm.kind).label}</Tag>
                  <Link to="/alerts/$uid" params={{ uid: alarm.uid }} search={{}}>
                    Its alert
                  </Link>
                </div>
                <p className="kw-wrap">{alarm.sentence}</p>
              </div>
              <span className="kw-muted kw-small">
                {alarm.endedAt === null ? 'still so' : `over after ${formatDuration(Date.parse(alarm.endedAt) - Date.parse(alarm.since))}`}
              </span>
            </li>
          ))}
        </ol>
      )}
    </Panel>
  );
}
