import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { type Frame, linePath, scaleOf, stretchesOf, xOf, yOf } from './scale-chart.ts';
import { TimeChartTable } from './time-chart-table.tsx';
import { timeMarks, timeOfDay } from './time-marks.ts';
import { useWidth } from './use-width.ts';

/** What a colour says; each series has a shape of its own too, for those who do not see the difference. */
export type Tone = 'main' | 'calm' | 'good' | 'warn' | 'bad';

export interface Series {
  readonly name: string;
  readonly tone: Tone;
  /** One for each stretch of time; null where nothing is known. */
  readonly values: readonly (number | null)[];
}

export interface TimeChartProps {
  readonly title: string;
  /** What is so at this moment, in large. */
  readonly now: string;
  readonly kind: 'line' | 'bars';
  /** When each stretch begins, in ms by the epoch, oldest first. */
  readonly at: readonly number[];
  readonly binMs: number;
  readonly range: readonly [number, number];
  readonly series: readonly Series[];
  readonly format: (value: number) => string;
  /** Counts have no marks at a half. */
  readonly isWhole?: boolean;
}

const height = 148;

/** A figure over time: to look at, to point at, and to read as a table. */
export function TimeChart(props: TimeChartProps): JSX.Element {
  const { title, now, at, series, format } = props;
  const [box, width] = useWidth<HTMLDivElement>();
  const [pointed, setPointed] = useState<number | null>(null);
  const frame = frameOf(props, width);
  const point = (event: PointerEvent & { readonly currentTarget: Element }): void => {
    const { left } = event.currentTarget.getBoundingClientRect();
    setPointed(nearest(props, frame, event.clientX - left));
  };
  const shown = pointed === null ? undefined : at[pointed];
  return (
    <figure class="plot">
      <figcaption>
        <span class="plot-title">{title}</span>
        <span class="plot-now">{now}</span>
      </figcaption>
      <ul class="plot-legend" aria-hidden="true">
        {series.map((one, index) => (
          <li key={one.name}>
            <i class={`plot-key tone-${one.tone} ${props.kind === 'line' ? `nth-${index}` : ''}`} />
            {one.name}
            {pointed !== null && <b>{valueText(one.values[pointed], format)}</b>}
          </li>
        ))}
        {shown !== undefined && <li class="plot-when">{timeOfDay(shown)}</li>}
      </ul>
      <div class="plot-box" ref={box} onPointerMove={point} onPointerLeave={() => setPointed(null)}>
        {width > 0 && <Drawing {...props} frame={frame} width={width} pointed={pointed} />}
      </div>
      <TimeChartTable title={title} at={at} series={series} format={format} />
    </figure>
  );
}

interface DrawingProps extends TimeChartProps {
  readonly frame: Frame;
  readonly width: number;
  readonly pointed: number | null;
}

function Drawing(props: DrawingProps): JSX.Element {
  const { at, frame, width, range, format, pointed, title, now, kind, binMs } = props;
  const scale = scaleOf(mostOf(props), props.isWhole);
  const bottom = frame.top + frame.height;
  const shown = pointed === null ? undefined : at[pointed];
  const middle = kind === 'bars' ? binMs / 2 : 0;
  return (
    <svg width={width} height={height} role="img" aria-label={`${title}, over time. Now: ${now}`}>
      {scale.marks.map((mark) => {
        const y = yOf(mark, scale.top, frame);
        return (
          <g key={mark}>
            <line class="plot-grid" x1={frame.left} x2={frame.left + frame.width} y1={y} y2={y} />
            <text class="plot-mark" x={frame.left - 6} y={y + 4} text-anchor="end">
              {format(mark)}
            </text>
          </g>
        );
      })}
      {timeMarks(...range, Math.floor(frame.width / 64)).map((mark) => (
        <text key={mark} class="plot-mark" x={xOf(mark, range, frame)} y={bottom + 16} text-anchor="middle">
          {timeOfDay(mark)}
        </text>
      ))}
      {kind === 'bars' ? <Bars {...props} top={scale.top} /> : <Lines {...props} top={scale.top} />}
      {shown !== undefined && (
        <line
          class="plot-pointer"
          x1={xOf(shown + middle, range, frame)}
          x2={xOf(shown + middle, range, frame)}
          y1={frame.top}
          y2={bottom}
        />
      )}
    </svg>
  );
}

function Lines({ at, series, range, frame, binMs, top }: DrawingProps & { top: number }): JSX.Element {
  return (
    <>
      {series.map(({ name, tone, values }, index) => {
        const points = at.map((when, place) => ({ at: when, value: values[place] ?? null }));
        const gapMs = binMs * 2.5;
        const alone = stretchesOf(points, range, gapMs).filter(({ length }) => length === 1);
        return (
          <g key={name}>
            <path
              class={`plot-line tone-${tone} nth-${index}`}
              d={linePath(points, range, top, frame, gapMs)}
            />
            {alone.flat().map((point) => (
              <circle
                key={point.at}
                class={`plot-dot tone-${tone}`}
                cx={xOf(point.at, range, frame)}
                cy={yOf(point.value, top, frame)}
                r={3}
              />
            ))}
          </g>
        );
      })}
    </>
  );
}

/** Bars of one stretch stand on each other. */
function Bars({ at, series, range, frame, binMs, top }: DrawingProps & { top: number }): JSX.Element {
  const width = Math.max((binMs / (range[1] - range[0])) * frame.width * 0.72, 1.5);
  return (
    <>
      {at.map((when, place) => {
        let below = 0;
        return series.map(({ name, tone, values }) => {
          const value = values[place] ?? 0;
          if (value <= 0 || when < range[0]) return null;
          const y = yOf(below + value, top, frame);
          const tall = yOf(below, top, frame) - y;
          below += value;
          const x = xOf(when + binMs / 2, range, frame) - width / 2;
          return (
            <rect
              key={`${name} ${when}`}
              class={`plot-bar tone-${tone}`}
              x={x}
              y={y}
              width={width}
              height={tall}
            />
          );
        });
      })}
    </>
  );
}

function frameOf(props: TimeChartProps, width: number): Frame {
  const widest = Math.max(
    ...scaleOf(mostOf(props), props.isWhole).marks.map((mark) => props.format(mark).length),
  );
  const left = 12 + widest * 6.5;
  return { left, top: 8, width: Math.max(width - left - 14, 10), height: height - 32 };
}

/** The greatest value that has to fit: of single lines, or of bars on each other. */
function mostOf({ kind, at, series }: TimeChartProps): number {
  const values = at.map((_, place) => {
    const all = series.map(({ values: own }) => own[place] ?? 0);
    return kind === 'bars' ? all.reduce((sum, one) => sum + one, 0) : Math.max(0, ...all);
  });
  return Math.max(0, ...values);
}

function nearest({ at, range, kind, binMs }: TimeChartProps, frame: Frame, x: number): number | null {
  const middle = kind === 'bars' ? binMs / 2 : 0;
  const distances = at.map((when) => Math.abs(xOf(when + middle, range, frame) - x));
  const least = Math.min(...distances);
  return least <= 40 ? distances.indexOf(least) : null;
}

function valueText(value: number | null | undefined, format: (value: number) => string): string {
  return value === null || value === undefined ? '–' : format(value);
}
