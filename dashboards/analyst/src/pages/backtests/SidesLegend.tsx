/** What the two colours are, wherever both sides are drawn. */
export const SidesLegend = ({ dashed }: { readonly dashed?: string | undefined }) => (
  <div className="kw-row" style={{ marginBottom: 6 }}>
    <span className="kw-legend">
      <i style={{ background: 'var(--kw-usual)' }} aria-hidden /> as it is
    </span>
    <span className="kw-legend">
      <i style={{ background: 'var(--kw-now)' }} aria-hidden /> as it would be
    </span>
    {dashed !== undefined && (
      <span className="kw-legend">
        <i className="kw-legend-dash" aria-hidden /> {dashed}
      </span>
    )}
  </div>
);
