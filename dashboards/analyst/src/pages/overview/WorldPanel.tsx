import type { MapPoint } from '@keyward/contract';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { usePalette } from '../../app/preferences.js';
import { EChart } from '../../charts/EChart.js';
import { loadWorld } from '../../charts/world.js';
import { ALARMING_SCORE, worldMap } from '../../charts/world-map.js';
import { formatCount, formatScore, formatShort, plural } from '../../format/number.js';
import { ChartTable } from '../../parts/ChartTable.js';
import { RowsLink, targetOf } from '../../parts/links.js';
import { Panel } from '../../parts/Panel.js';
import { EmptyState, ErrorState, Loading } from '../../parts/states.js';

const placeName = (place: MapPoint): string => (place.city === null ? place.country : `${place.city}, ${place.country}`);

export function WorldPanel({ places }: { readonly places: readonly MapPoint[] }) {
  const palette = usePalette();
  const navigate = useNavigate();
  const world = useQuery({
    queryKey: ['world'],
    queryFn: async () => {
      await loadWorld();
      return true;
    },
    staleTime: Infinity,
  });
  // Alarming places last, so that nothing hides them.
  const drawn = useMemo(
    () => [...places].sort((a, b) => Number(a.maxScore >= ALARMING_SCORE) - Number(b.maxScore >= ALARMING_SCORE)),
    [places],
  );
  const option = useMemo(
    () =>
      worldMap(
        drawn.map((place) => ({ ...place, name: placeName(place) })),
        palette,
      ),
    [drawn, palette],
  );
  const listed = [...places]
    .sort((a, b) => Number(b.maxScore >= ALARMING_SCORE) - Number(a.maxScore >= ALARMING_SCORE) || b.events - a.events)
    .slice(0, 12);
  return (
    <Panel
      title="Where from"
      span={7}
      note={plural(places.length, 'place')}
      side={
        <>
          <span className="kw-legend">
            <i data-round style={{ background: 'var(--kw-accent)' }} /> usual
          </span>
          <span className="kw-legend">
            <i data-round style={{ background: 'var(--kw-now)' }} /> event scored {ALARMING_SCORE} or more
          </span>
        </>
      }
    >
      {places.length === 0 ? (
        <EmptyState title="No event had a place">Private addresses and records without an address cannot be put on a map.</EmptyState>
      ) : world.isError ? (
        <ErrorState error={world.error} onRetry={() => void world.refetch()} />
      ) : !world.isSuccess ? (
        <Loading rows={8} />
      ) : (
        <ChartTable
          caption="Where events came from"
          columns={['Place', 'Events', 'Identities', 'Top score']}
          rows={[...places].map((place) => ({
            key: `${place.country}/${place.city ?? ''}`,
            cells: [
              placeName(place),
              { count: place.events, rows: place.link, label: `events from ${placeName(place)}` },
              formatCount(place.identities),
              formatScore(place.maxScore),
            ],
          }))}
        >
          <EChart
            option={option}
            height={290}
            label={`World map of events from ${plural(places.length, 'place')}`}
            onPick={({ dataIndex }) => {
              const place = drawn[dataIndex];
              if (place) void navigate(targetOf(place.link));
            }}
          />
        </ChartTable>
      )}
      {listed.length > 0 && (
        <div className="kw-map-list" style={{ marginTop: 8 }}>
          {listed.map((place) => (
            <RowsLink key={`${place.country}/${place.city ?? ''}/${place.lat}`} link={place.link}>
              <span className="kw-clip">{placeName(place)}</span>
              <span className="kw-num kw-muted">
                {formatShort(place.events)}
                {place.maxScore >= ALARMING_SCORE && (
                  <strong className="kw-danger" title="Highest score">
                    {' '}
                    {formatScore(place.maxScore)}
                  </strong>
                )}
              </span>
            </RowsLink>
          ))}
        </div>
      )}
    </Panel>
  );
}
