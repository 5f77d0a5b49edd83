import type { VerdictKind, VerdictView } from '@keyward/contract';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { alertVerdictsQuery } from '../../api/queries.js';
import { Panel } from '../../parts/Panel.js';
import { RoleButton } from '../../parts/RoleButton.js';
import { Async } from '../../parts/states.js';
import { TimeText } from '../../parts/TimeText.js';
import { UndoDialog } from './UndoDialog.js';
import { VerdictDialog } from './VerdictDialog.js';
import { KindTag, VerdictStateTag } from './marks.js';

/** What scoring learns from the alert: what somebody said of it, or the two things to be said. */
export function VerdictPanel({ alertUid }: { readonly alertUid: string }) {
  const query = useQuery(alertVerdictsQuery(alertUid));
  const [asked, setAsked] = useState<VerdictKind | undefined>();
  const [undoing, setUndoing] = useState<VerdictView | undefined>();
  return (
    <Panel title="Verdict" note="what scoring learns from it">
      <Async query={query} rows={2} height={20}>
        {({ items }) => {
          const standing = items.find(({ state }) => state === 'in_force');
          const others = items.filter((verdict) => verdict !== standing);
          return (
            <div className="kw-stack" style={{ gap: 12 }}>
              {standing ? (
                <Standing
                  verdict={standing}
                  onUndo={() => {
                    setUndoing(standing);
                  }}
                />
              ) : (
                <div className="kw-row" style={{ gap: 8 }}>
                  {(['benign', 'malicious'] as const).map((kind) => (
                    <RoleButton
                      key={kind}
                      needs="analyst"
                      size="xs"
                      variant="default"
                      onClick={() => {
                        setAsked(kind);
                      }}
                    >
                      {kind === 'benign' ? 'It was benign' : 'It was an attack'}
                    </RoleButton>
                  ))}
                </div>
              )}
              {others.length > 0 && (
                <ul className="kw-stack" style={{ gap: 6 }} aria-label="Earlier verdicts">
                  {others.map((verdict) => (
                    <li key={verdict.uid} className="kw-small">
                      <div className="kw-row" style={{ gap: 6 }}>
                        <KindTag kind={verdict.kind} />
                        <VerdictStateTag verdict={verdict} />
                        <span className="kw-muted">by {verdict.author}</span>
                        <span className="kw-push kw-muted">
                          <TimeText at={verdict.at} />
                        </span>
                      </div>
                      {verdict.undone && (
                        <p className="kw-muted kw-wrap">
                          Taken back by {verdict.undone.by}: {verdict.undone.reason}
                        </p>
                      )}
                    </li>
                  ))}
                </ul>
              )}
            </div>
          );
        }}
      </Async>
      <VerdictDialog
        alertUid={alertUid}
        asked={asked}
        onClose={() => {
          setAsked(undefined);
        }}
      />
      <UndoDialog
        verdict={undoing}
        onClose={() => {
          setUndoing(undefined);
        }}
      />
    </Panel>
  );
}

function Standing({ verdict, onUndo }: { readonly verdict: VerdictView; readonly onUndo: () => void }) {
  return (
    <div className="kw-stack" style={{ gap: 6 }}>
      <div className="kw-row" style={{ gap: 6 }}>
        <KindTag kind={verdict.kind} />
        <VerdictStateTag verdict={verdict} />
        <span className="kw-muted">
          by {verdict.author}, <TimeText at={verdict.at} />
        </span>
      </div>
      <p className="kw-wrap">{verdict.reason}</p>
      <p className="kw-muted kw-small">
        {verdict.kind === 'malicious'
          ? 'What was unusual raises scores'
          : verdict.scope === 'peers'
            ? 'Accepted of the identity and its closest peers'
            : 'Accepted of the identity'}{' '}
        until <TimeText at={verdict.expiresAt} full />.
      </p>
      <div>
        <RoleButton needs="analyst" size="xs" variant="default" onClick={onUndo}>
          Take back
        </RoleButton>
      </div>
    </div>
  );
}
