import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../format/time.js';
import { beforeAfterBars, beforeAfterTimeline } from './before-after.js';
import { contributionBars, wrap } from './contribution-bars.js';
import { palettes } from './palette.js';
import { riskTimeline } from './risk-timeline.js';
import { indexOf, severityTimeline } from './severity-timeline.js';
import { isRare, weekHeatmap } from './week-heatmap.js';
import { ALARMING_SCORE, worldMap } from './world-map.js';

const palette = palettes.light;
const at = Date.UTC(2026, 0, 5);
const none = { informational: 0, low: 0, medium: 0, high: 0, critical: 0 };

/** Asks a tooltip what it says about an item. */
function tooltipText(option: object, params: unknown): unknown {
  const tooltip: unknown = Reflect.get(option, 'tooltip');
  const formatter: unknown = typeof tooltip === 'object' && tooltip !== null ? Reflect.get(tooltip, 'formatter') : undefined;
  if (typeof formatter !== 'function') throw new Error('no formatter');
  return Reflect.apply(formatter, undefined, [params]);
}

describe('every chart', () => {
  const options = {
    severity: severityTimeline([{ at, counts: none }], DAY_MS, 'utc', palette),
    week: weekHeatmap([], { count: 'events' }, palette),
    world: worldMap([], palette),
    risk: riskTimeline([], 'utc', palette),
    contribution: contributionBars([], palette),
    days: beforeAfterTimeline([{ label: '01-05', before: 1, after: 2, afterTarget: 3 }], palette),
    pairs: beforeAfterBars([{ label: 'Impossible travel', before: 1, after: 2 }], palette),
  };
  it.each(Object.entries(options))('%s draws its tooltip as text on the canvas, never as HTML', (_name, option) => {
    expect(option).toMatchObject({ tooltip: { renderMode: 'richText' } });
  });
  it.each(Object.entries(options))('%s takes every colour from the palette', (_name, option) => {
    const known = JSON.stringify(palette);
    const used = JSON.stringify(option).match(/#[0-9a-f]{6}/g) ?? [];
    expect(used.filter((colour) => !known.includes(colour))).toEqual([]);
  });
});

describe('alerts by severity over time', () => {
  const buckets = [
    { at, counts: { ...none, high: 2, critical: 1 } },
    { at: at + DAY_MS, counts: none },
  ];
  const option = severityTimeline(buckets, DAY_MS, 'utc', palette);
  it('stacks the most severe at the foot and leaves out what never happened', () => {
    expect(option).toMatchObject({
      xAxis: { data: ['01-05', '01-06'] },
      series: [
        { name: 'critical', stack: 'alerts', color: palette.severity.critical, data: [1, 0] },
        { name: 'high', stack: 'alerts', color: palette.severity.high, data: [2, 0] },
      ],
    });
  });
  it('says what a column holds, also when it is empty', () => {
    expect(tooltipText(option, [{ dataIndex: 0 }])).toBe('2026-01-05 00:00:00 UTC\ncritical  1\nhigh  2');
    expect(tooltipText(option, [{ dataIndex: 1 }])).toBe('2026-01-06 00:00:00 UTC\nno alerts');
  });
  it('says nothing about a place without a column', () => {
    expect([indexOf(undefined), indexOf([]), indexOf({ dataIndex: 'x' })]).toEqual([-1, -1, -1]);
    expect(tooltipText(option, [])).toBe('');
  });
});

describe('hours of the week', () => {
  const cells = [
    { weekday: 1, hour: 9, count: 16, now: 2 },
    { weekday: 7, hour: 3, count: 0, now: 1 },
    { weekday: 7, hour: 4, count: 0, now: 0 },
  ];
  const option = weekHeatmap(cells, { count: 'a week', now: 'now' }, palette);
  it('puts Monday on top and colours by the square root', () => {
    expect(option).toMatchObject({
      yAxis: { inverse: true },
      visualMap: { max: 4 },
      series: [
        {
          data: [
            [9, 0, 4],
            [3, 6, 0],
            [4, 6, 0],
          ],
        },
        {},
      ],
    });
  });
  it('rings what happens now, and fills it where it hardly ever happens', () => {
    expect(option).toMatchObject({
      series: [
        {},
        {
          data: [
            { value: [9, 0], itemStyle: { color: 'transparent' } },
            { value: [3, 6], itemStyle: { color: palette.now } },
          ],
        },
      ],
    });
    expect([isRare({ weekday: 1, hour: 1, count: 0.2 }), isRare({ weekday: 1, hour: 1, count: 0.25 })]).toEqual([true, false]);
  });
  it('says usual and now for one hour', () => {
    expect(tooltipText(option, { seriesIndex: 1, dataIndex: 1 })).toBe('Sun 03:00–03:59\n0 a week\n1 now');
  });
});

describe('the map', () => {
  const place = { name: 'Berlin, DE', lat: 52.5, lon: 13.4, events: 100, identities: 7, maxScore: 3 };
  it('draws an alarming place in another colour, on top', () => {
    const option = worldMap([place, { ...place, maxScore: ALARMING_SCORE }], palette);
    expect(option).toMatchObject({
      series: [
        {
          data: [
            { value: [13.4, 52.5], z: 2, itemStyle: { color: palette.accent } },
            { z: 3, itemStyle: { color: palette.now } },
          ],
        },
      ],
    });
  });
  it('keeps hostile place names as text', () => {
    const option = worldMap([{ ...place, name: '<img src=x onerror=alert(1)>' }], palette);
    expect(tooltipText(option, { dataIndex: 0 })).toBe('<img src=x onerror=alert(1)>\n100 events by 7 identities\nhighest score 3');
  });
});

describe('risk over time', () => {
  const option = riskTimeline(
    [
      { at, risk: 4 },
      { at: at + 1, risk: 80, title: 'Impossible travel' },
    ],
    'utc',
    palette,
  );
  it('marks where a finding raised it, on a scale of 0 to 100', () => {
    expect(option).toMatchObject({
      yAxis: { min: 0, max: 100 },
      series: [
        {
          data: [
            [at, 4],
            [at + 1, 80],
          ],
        },
        { data: [[at + 1, 80]] },
      ],
    });
  });
  it('says what raised it', () => {
    expect(tooltipText(option, { seriesIndex: 1, dataIndex: 0 })).toBe('2026-01-05 00:00:00 UTC\nrisk 80\nImpossible travel');
  });
});

describe('shares of a score', () => {
  const option = contributionBars(
    [
      { label: 'Network', share: 0.6, scoreWithout: 31, sentence: 'Never seen before.' },
      { label: 'Device', share: 0.4 },
    ],
    palette,
  );
  it('puts the largest on top and says what the score would be without', () => {
    expect(option).toMatchObject({
      yAxis: { inverse: true, data: ['Network', 'Device'] },
      series: [{ data: [{ value: 0.6 }, { value: 0.4 }] }],
    });
    expect(tooltipText(option, { dataIndex: 0 })).toBe('Network\n60% of the score\nwithout it the score would be 31\nNever seen before.');
  });
  it('breaks long sentences at spaces', () => {
    expect(wrap('one two three', 7)).toBe('one two\nthree');
  });
});

describe('before and after a change', () => {
  const items = [
    { label: '01-05', before: 4, after: 1, beforeTarget: 3, afterTarget: 1.5 },
    { label: '01-06', before: 0, after: 2, beforeTarget: 3, afterTarget: 1.5 },
  ];
  it('stands side by side, with both budgets as lines', () => {
    expect(beforeAfterTimeline(items, palette)).toMatchObject({
      xAxis: { data: ['01-05', '01-06'] },
      series: [{ data: [4, 0] }, { data: [1, 2] }, { type: 'line', data: [3, 3] }, { type: 'line', data: [1.5, 1.5] }],
    });
  });
  it('draws no budget where there is none', () => {
    const option = beforeAfterTimeline([{ label: '01-05', before: 4, after: 1 }], palette);
    expect(Reflect.get(option, 'series')).toHaveLength(2);
  });
  it('says both counts of a place', () => {
    expect(tooltipText(beforeAfterTimeline(items, palette), [{ dataIndex: 0 }])).toBe(
      '01-05\nas it is  4, budget 3.0\nas it would be  1, budget 1.5',
    );
    expect(tooltipText(beforeAfterBars(items, palette), [{ dataIndex: 5 }])).toBe('');
  });
});
