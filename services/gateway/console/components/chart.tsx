import { useId, useState } from 'preact/hooks';

export interface Series {
  readonly name: string;
  readonly tone: 'accent' | 'good' | 'warn' | 'bad' | 'neutral';
  /** One for each time; null where nothing is known. */
  readonly values: readonly (number | null)[];
}

interface ChartProps {
  readonly title: string;
  /** ISO 8601, oldest first. */
  readonly times: readonly string[];
  readonly series: readonly Series[];
  readonly kind?: 'line' | 'bars';
  /** How a value is written, e.g. with its unit. */
  readonly format?: (value: number) => string;
}

const [width, height] = [600, 140];
const plain = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });

/** A chart for the eye with the same numbers as a table for everybody else. Moving over it, or arrow keys, tell values. */
export function Chart({ title, times, series, kind = 'line', format = plain.format }: ChartProps) {
  const [at, setAt] = useState<number | null>(null);
  const heading = useId();
  const stacked = kind === 'bars';
  const totals = times.map((_, index) => series.reduce((sum, { values }) => sum + (values[index] ?? 0), 0));
  const top = niceTop(
    Math.max(0, ...(stacked ? totals : series.flatMap(({ values }) => values.map((v) => v ?? 0)))),
  );
  const last = Math.max(1, times.length - 1);
  const pick = (clientX: number, box: DOMRect): void =>
    setAt(Math.max(0, Math.min(times.length - 1, Math.round(((clientX - box.left) / box.width) * last))));
  const shownAt = at ?? times.length - 1;
  return (
    <figure class="chart" aria-labelledby={heading}>
      <figcaption>
        <span id={heading} class="chart-title">
          {title}
        </span>
        <span class="chart-legend">
          {series.map(({ name, tone, values }) => {
            const value = values[shownAt];
            return (
              <span key={name} class={`legend ${tone}`}>
                <i aria-hidden="true" />
                {name} <b>{value === null || value === undefined ? '–' : format(value)}</b>
              </span>
            );
          })}
          <span class="chart-time">{timeOf(times[shownAt])}</span>
        </span>
      </figcaption>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        aria-hidden="true"
        onPointerMove={(event) => pick(event.clientX, event.currentTarget.getBoundingClientRect())}
        onPointerLeave={() => setAt(null)}
      >
        {[0.25, 0.5, 0.75, 1].map((part) => (
          <line
            key={part}
            class="grid"
            x1="0"
            x2={width}
            y1={height - part * (height - 8)}
            y2={height - part * (height - 8)}
          />
        ))}
        {stacked
          ? bars(series, times.length, top)
          : series.map(({ name, tone, values }) => (
              <Line key={name} tone={tone} values={values} top={top} last={last} />
            ))}
        {at === null ? null : (
          <line class="cursor" x1={(at / last) * width} x2={(at / last) * width} y1="0" y2={height} />
        )}
      </svg>
      <div class="chart-foot" aria-hidden="true">
        <span>{timeOf(times[0])}</span>
        <span>max {format(top)}</span>
        <span>{timeOf(times.at(-1))}</span>
      </div>
      <ChartTable title={title} times={times} series={series} format={format} />
    </figure>
  );
}

interface LineProps {
  readonly tone: Series['tone'];
  readonly values: Series['values'];
  readonly top: number;
  readonly last: number;
}

function Line({ tone, values, top, last }: LineProps) {
  const points = values.map((value, index) =>
    value === null ? null : ([(index / last) * width, height - (value / top) * (height - 8)] as const),
  );
  const known = points.filter((point) => point !== null);
  let isOpen = false;
  const line = points
    .map((point) => {
      if (point === null) {
        isOpen = false;
        return '';
      }
      const step = `${isOpen ? 'L' : 'M'}${point[0].toFixed(1)} ${point[1].toFixed(1)}`;
      isOpen = true;
      return step;
    })
    .join('');
  const [first, final] = [known[0], known.at(-1)];
  const hasGaps = known.length < points.length;
  return (
    <g class={`series ${tone}`}>
      {hasGaps || first === undefined || final === undefined ? null : (
        <path class="area" d={`${line}L${final[0].toFixed(1)} ${height}L${first[0].toFixed(1)} ${height}Z`} />
      )}
      <path class="line" d={line} vector-effect="non-scaling-stroke" />
      {known.length === 1 && final !== undefined ? (
        <circle class="point" cx={final[0]} cy={final[1]} r="3" />
      ) : null}
    </g>
  );
}

function bars(series: readonly Series[], count: number, top: number) {
  const step = width / Math.max(1, count);
  return Array.from({ length: count }, (_, index) => {
    let base = height;
    return series.map(({ name, tone, values }) => {
      const tall = ((values[index] ?? 0) / top) * (height - 8);
      if (tall === 0) return null;
      base -= tall;
      const own = { x: index * step + step * 0.12, y: base, width: Math.max(0.8, step * 0.76), height: tall };
      return <rect key={`${name}${index}`} class={`bar ${tone}`} {...own} />;
    });
  });
}

/** The newest numbers in words, for those who do not see the chart. */
function ChartTable({
  title,
  times,
  series,
  format,
}: Required<Pick<ChartProps, 'title' | 'times' | 'series' | 'format'>>) {
  const rows = times.map((at, index) => ({ at, index })).slice(-12);
  return (
    <table class="visually-hidden">
      <caption>
        {title}: the newest {rows.length} values
      </caption>
      <thead>
        <tr>
          <th scope="col">Time</th>
          {series.map(({ name }) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ at, index }) => (
          <tr key={at}>
            <th scope="row">{timeOf(at)}</th>
            {series.map(({ name, values }) => {
              const value = values[index];
              return <td key={name}>{value === null || value === undefined ? 'none' : format(value)}</td>;
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function timeOf(at: string | undefined): string {
  return at === undefined
    ? ''
    : new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit' });
}

/** The next of 1, 2, 5, 10, 20, 50 … */
function niceTop(value: number): number {
  if (value <= 1) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((factor) => factor * power).find((top) => top >= value) ?? value;
}
