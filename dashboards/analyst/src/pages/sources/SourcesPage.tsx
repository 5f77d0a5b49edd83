import type { SourceHealth, SourceList } from '@keyward/contract';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { sourcesQuery } from '../../api/queries.js';
import { useFilters } from '../../filters/use-filters.js';
import { WindowTabs } from '../../filters/WindowTabs.js';
import { formatCount, formatShare, formatShort, plural } from '../../format/number.js';
import { Panel } from '../../parts/Panel.js';
import { EmptyState, ErrorState, Loading } from '../../parts/states.js';
import { SourceLegend } from './SourceLegend.js';
import { SourceTable } from './SourceTable.js';
import { hoursOf, WINDOWS } from './windows.js';

/** How the sources do: who speaks, who is silent, what becomes of the records. */
export function SourcesPage() {
  const [search, change] = useFilters('sources');
  const hours = hoursOf(search['hours']);
  const query = useQuery({ ...sourcesQuery(hours), placeholderData: keepPreviousData });
  return (
    <div className="kw-stack">
      <div className="kw-row">
        <h1 className="kw-hidden">Sources</h1>
        <span className="kw-muted">Who speaks, who is silent, and what becomes of the records</span>
        <WindowTabs name="hours" choices={WINDOWS} chosen={hours} onChange={change} />
      </div>
      {query.data !== undefined ? (
        <Shown list={query.data} hours={hours} />
      ) : query.isError ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <Loading rows={8} height={40} />
      )}
    </div>
  );
}

function Shown({ list, hours }: { readonly list: SourceList; readonly hours: number }) {
  const { sources, bucketMinutes } = list;
  if (sources.length === 0) {
    return (
      <Panel title="Sources">
        <EmptyState title="No source has sent a record yet">
          Send records to Kafka topic access.raw.&lt;source&gt; or to POST /v1/ingest/&lt;source&gt; with an API token.
        </EmptyState>
      </Panel>
    );
  }
  return (
    <>
      <Tiles sources={sources} />
      <Panel title="Sources" note={plural(sources.length, 'source')} side={<SourceLegend withUsual={false} />} flush>
        <SourceTable sources={sources} hours={hours} bucketMinutes={bucketMinutes} />
      </Panel>
    </>
  );
}

function Tiles({ sources }: { readonly sources: readonly SourceHealth[] }) {
  const sum = (of: (source: SourceHealth) => number): number => sources.reduce((all, source) => all + of(source), 0);
  const [kept, ignored, rejected] = [sum((one) => one.kept), sum((one) => one.ignored), sum((one) => one.rejected)];
  const all = kept + ignored + rejected;
  const ill = sources.filter(({ alarms }) => alarms.length > 0);
  const waiting = sources.some((one) => one.waiting === null) ? undefined : sum((one) => one.waiting ?? 0);
  return (
    <div className="kw-tiles">
      <Tile label="Sources with an alarm" value={formatCount(ill.length)} note={`of ${formatCount(sources.length)}`} bad={ill.length > 0} />
      <Tile label="Records" value={formatShort(all)} note={`${formatShort(kept)} kept, ${formatShort(ignored)} ignored`} />
      <Tile
        label="Not readable"
        value={formatShort(rejected)}
        note={all === 0 ? '' : `${formatShare(rejected / all)} of all`}
        bad={rejected > 0}
      />
      <Tile label="Without a place" value={formatShort(sum((one) => one.unplaced))} note="events with an address" />
      <Tile label="Unresolved accounts" value={formatShort(sum((one) => one.unresolved))} note="events whose actor is not known" />
      <Tile
        label="Not yet read"
        value={waiting === undefined ? '–' : formatShort(waiting)}
        note={waiting === undefined ? 'the bus does not say' : 'records on the bus'}
      />
    </div>
  );
}

interface TileProps {
  readonly label: string;
  readonly value: string;
  readonly note: string;
  readonly bad?: boolean;
}
const Tile = ({ label, value, note, bad = false }: TileProps) => (
  <div className="kw-tile">
    <span className="kw-tile-label">{label}</span>
    <span className={bad ? 'kw-tile-value kw-danger' : 'kw-tile-value'}>{value}</span>
    <span className="kw-tile-note">{note}</span>
  </div>
);
