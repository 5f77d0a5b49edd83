import type { EChartsOption } from 'echarts';
import { useEffect, useRef } from 'react';
import { init, type EChartsType } from './echarts.js';

export interface Pick {
  readonly seriesIndex: number;
  readonly dataIndex: number;
}
interface Props {
  readonly option: EChartsOption;
  /** What a screen reader says instead of the picture. */
  readonly label: string;
  readonly height: number;
  readonly onPick?: (pick: Pick) => void;
  /** Picks the category under the pointer, wherever in its column: for bars too small to hit. `dataIndex` is the category. */
  readonly pickColumn?: boolean;
}

/** The one place that makes, resizes and disposes charts. Every chart stands beside a list or table that says the same in text. */
export function EChart({ option, label, height, onPick, pickColumn = false }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<EChartsType>(undefined);
  const pick = useRef(onPick);

  useEffect(() => {
    pick.current = onPick;
  }, [onPick]);

  useEffect(() => {
    if (!box.current) return undefined;
    const made = init(box.current, undefined, { renderer: 'canvas' });
    chart.current = made;
    const observer = new ResizeObserver(() => {
      made.resize();
    });
    observer.observe(box.current);
    if (pickColumn) {
      made.getZr().on('click', (event: { offsetX: number; offsetY: number }) => {
        const point = [event.offsetX, event.offsetY];
        if (!made.containPixel('grid', point)) return;
        const at: unknown = made.convertFromPixel({ xAxisIndex: 0 }, event.offsetX);
        if (typeof at === 'number') pick.current?.({ seriesIndex: 0, dataIndex: Math.round(at) });
      });
    } else {
      made.on('click', (event) => {
        if (typeof event.dataIndex === 'number') pick.current?.({ seriesIndex: event.seriesIndex ?? 0, dataIndex: event.dataIndex });
      });
    }
    return () => {
      observer.disconnect();
      // A large picture is painted over several frames, and zrender's next frame does not ask whether the chart is still there: an empty one has none.
      made.clear();
      made.getZr().refreshImmediately();
      made.dispose();
      chart.current = undefined;
    };
  }, [pickColumn]);

  useEffect(() => {
    const still = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
    chart.current?.setOption(still ? { ...option, animation: false } : option, { notMerge: true });
  }, [option, pickColumn]);

  return <div ref={box} role="img" aria-label={label} className={onPick ? 'kw-chart kw-chart-pick' : 'kw-chart'} style={{ height }} />;
}
