import type { SourceDetail } from '@keyward/contract';
import { IconArrowLeft } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { sourceQuery } from '../../api/queries.js';
import { useFilters } from '../../filters/use-filters.js';
import { WindowTabs } from '../../filters/WindowTabs.js';
import { formatCount } from '../../format/number.js';
import { words } from '../../format/words.js';
import { RowsLink } from '../../parts/links.js';
import { Tag } from '../../parts/marks.js';
import { Async } from '../../parts/states.js';
import { TimeText } from '../../parts/TimeText.js';
import { AlarmList } from './AlarmList.js';
import { LostEvents } from './LostEvents.js';
import { RecordsOverTime } from './RecordsOverTime.js';
import { ReasonsPanel } from './ReasonsPanel.js';
import { hoursOf, WINDOWS } from './windows.js';
import { formatHourly, formatLag, stateWords } from './source-words.js';

/** One source: what came over time, what became of it and why, what is missing in its events. */
export function SourcePage() {
  const { source } = useParams({ from: '/frame/sources/$source' });
  const [search, change] = useFilters('sources');
  const hours = hoursOf(search['hours']);
  const query = useQuery({
    ...sourceQuery(source, hours),
    // Of the same source only: another's numbers under this name would be a lie.
    placeholderData: (before, last) => (last?.queryKey[2] === source ? keepPreviousData(before) : undefined),
  });
  return (
    <div className="kw-stack">
      <div className="kw-row">
        <Link to="/sources" search={{ hours: String(hours) }} className="kw-row kw-small">
          <IconArrowLeft size={14} aria-hidden /> All sources
        </Link>
        <WindowTabs name="hours" choices={WINDOWS} chosen={hours} onChange={change} />
      </div>
      <Async query={query} rows={12} height={22}>
        {(detail) => <Detail detail={detail} hours={hours} />}
      </Async>
    </div>
  );
}

function Detail({ detail, hours }: { readonly detail: SourceDetail; readonly hours: number }) {
  return (
    <>
      <Header detail={detail} />
      <div className="kw-grid">
        <RecordsOverTime detail={detail} hours={hours} />
        <ReasonsPanel reasons={detail.reasons} />
        <LostEvents detail={detail} />
        <AlarmList alarms={detail.history} />
      </div>
    </>
  );
}

function Header({ detail: { health } }: { readonly detail: SourceDetail }) {
  const { label, tone } = stateWords(health.state);
  const facts = [
    ['Last record', <TimeText key="record" at={health.lastArrival} age />],
    ['Newest event', <TimeText key="event" at={health.lastEventTime} />],
    ['Rate', formatHourly(health.perHour)],
    ['Half of the events within', health.lag === null ? '–' : formatLag(health.lag.p50Seconds)],
    ['95% within', health.lag === null ? '–' : formatLag(health.lag.p95Seconds)],
    ['Not yet read', health.waiting === null ? 'the bus does not say' : `${formatCount(health.waiting)} records`],
    ['First heard of', <TimeText key="first" at={health.firstArrival} age />],
  ] as const;
  return (
    <section className="kw-panel" aria-label="How it stands">
      <div className="kw-panel-body kw-stack" style={{ paddingTop: 14 }}>
        <div className="kw-headline">
          <h1>{words(health.source)}</h1>
          <Tag tone={tone}>{label}</Tag>
          <RowsLink link={health.link}>Its events</RowsLink>
        </div>
        {health.alarms.map((alarm) => (
          <p key={alarm.uid} className="kw-banner" data-tone={alarm.kind === 'late' ? undefined : 'danger'}>
            <span>
              {alarm.sentence}{' '}
              <Link to="/alerts/$uid" params={{ uid: alarm.uid }} search={{}} className="kw-banner-link">
                Its alert
              </Link>
            </span>
          </p>
        ))}
        <dl className="kw-facts">
          {facts.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd className="kw-num">{value}</dd>
            </div>
          ))}
        </dl>
      </div>
    </section>
  );
}
