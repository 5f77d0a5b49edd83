import type { IdentityCard, RiskContributionView } from '@keyward/contract';
import { IdentityTags } from '../../parts/IdentityTags.js';
import { CountLink, IdentityLink } from '../../parts/links.js';
import { Meter } from '../../parts/marks.js';
import { Panel } from '../../parts/Panel.js';
import { RiskContributions } from '../../parts/RiskContributions.js';

/** Whom an alert is about, and what their risk is made of. */
export function IdentityAside({
  identity,
  contributions,
}: {
  readonly identity: IdentityCard;
  readonly contributions: readonly RiskContributionView[];
}) {
  return (
    <Panel title="Identity" side={<Meter score={identity.risk} label="Risk now" />}>
      <div className="kw-row" style={{ gap: 6 }}>
        <IdentityLink identity={identity} strong />
        <IdentityTags identity={identity} />
      </div>
      <p className="kw-cell-sub">{[identity.title, identity.team ?? identity.department].filter((part) => part !== null).join(', ')}</p>
      <p className="kw-row kw-small" style={{ margin: '6px 0 10px' }}>
        <span>
          <CountLink
            count={identity.openAlerts}
            link={{ to: 'alerts', query: { identity: identity.id, status: 'new,in_progress' } }}
            label="open alerts"
          />{' '}
          open {identity.openAlerts === 1 ? 'alert' : 'alerts'}
        </span>
        <span>
          <CountLink count={identity.activeGrants} link={{ to: 'grants', query: { identity: identity.id } }} label="active grants" /> active{' '}
          {identity.activeGrants === 1 ? 'grant' : 'grants'}
        </span>
      </p>
      <RiskContributions contributions={contributions} />
    </Panel>
  );
}
