import type { EChartsOption } from 'echarts';
import { formatScore, plural } from '../format/number.js';
import { baseOption, tooltip } from './base.js';
import { type Palette } from './palette.js';
import { indexOf } from './severity-timeline.js';

export interface Place {
  readonly name: string;
  readonly lat: number;
  readonly lon: number;
  readonly events: number;
  readonly identities: number;
  readonly maxScore: number;
}
/** Score from which a place is drawn as alarming: it has an event that about 1 in 1,000 of its kind reaches. */
export const ALARMING_SCORE = 50;

/** Where events came from. Area grows with the count; a place with an alarming event is drawn in the colour of now, and on top. */
export function worldMap(places: readonly Place[], palette: Palette, map = 'world'): EChartsOption {
  const most = Math.max(1, ...places.map((place) => place.events));
  return {
    ...baseOption(palette),
    tooltip: tooltip(palette, { formatter: (params: unknown) => placeText(places[indexOf(params)]) }),
    geo: {
      map,
      silent: true,
      left: 0,
      right: 0,
      top: 0,
      bottom: 0,
      boundingCoords: [
        [-168, 78],
        [178, -56],
      ],
      itemStyle: { areaColor: palette.land, borderColor: palette.landBorder, borderWidth: 0.5 },
    },
    series: [
      {
        type: 'scatter',
        coordinateSystem: 'geo',
        data: places.map((place) => {
          const alarming = place.maxScore >= ALARMING_SCORE;
          return {
            name: place.name,
            value: [place.lon, place.lat],
            symbolSize: 6 + 18 * Math.sqrt(place.events / most),
            z: alarming ? 3 : 2,
            itemStyle: {
              color: alarming ? palette.now : palette.accent,
              opacity: alarming ? 0.9 : 0.55,
              borderColor: palette.surface,
              borderWidth: 1,
            },
          };
        }),
      },
    ],
  };
}

function placeText(place: Place | undefined): string {
  if (!place) return '';
  return [
    place.name,
    `${plural(place.events, 'event')} by ${plural(place.identities, 'identity', 'identities')}`,
    `highest score ${formatScore(place.maxScore)}`,
  ].join('\n');
}
