import type { RiskNow } from '@keyward/contract';
import { formatCount } from '../../format/number.js';
import { RowsLink } from '../../parts/links.js';
import { SeverityMark } from '../../parts/marks.js';
import { Panel } from '../../parts/Panel.js';

/** How many identities stand in each band of risk: a bar that is read as a list. */
export function RiskBands({ risk }: { readonly risk: RiskNow }) {
  const most = Math.max(1, ...risk.bands.map((band) => band.count));
  return (
    <Panel title="Risk now" span={4} note="identities by band">
      <ul className="kw-stack" style={{ gap: 14, paddingTop: 6 }}>
        {risk.bands.map((band) => (
          <li key={band.severity}>
            <RowsLink link={band.link} className="kw-link-plain">
              <span className="kw-row" data-nowrap>
                <SeverityMark severity={band.severity} />
                <span className="kw-muted kw-small">from {band.minRisk}</span>
                <span className="kw-push kw-num kw-strong">
                  {formatCount(band.count)}
                  <span className="kw-hidden"> identities</span>
                </span>
              </span>
              <span className="kw-meter-bar" style={{ display: 'block', width: '100%', height: 6, marginTop: 6 }} aria-hidden>
                <i style={{ width: `${(band.count / most) * 100}%`, background: `var(--kw-severity-${band.severity})` }} />
              </span>
            </RowsLink>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
