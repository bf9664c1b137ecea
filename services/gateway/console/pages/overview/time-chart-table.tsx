import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Series } from './time-chart.tsx';
import { timeOfDay } from './time-marks.ts';

export interface TimeChartTableProps {
  readonly title: string;
  readonly at: readonly number[];
  readonly series: readonly Series[];
  readonly format: (value: number) => string;
}

/** The figures of a chart to read, newest first. Made only when somebody opens it: ten charts of an hour are long. */
export function TimeChartTable({ title, at, series, format }: TimeChartTableProps): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  return (
    <details class="plot-table" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        Table<span class="visually-hidden">: {title}</span>
      </summary>
      {isOpen && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        <section class="plot-scroll" tabIndex={0} aria-label={`${title} as a table`}>
          <table>
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
              {at
                .map((when, place) => (
                  <tr key={when}>
                    <th scope="row">{timeOfDay(when)}</th>
                    {series.map(({ name, values }) => {
                      const value = values[place];
                      return (
                        <td key={name}>{value === null || value === undefined ? '–' : format(value)}</td>
                      );
                    })}
                  </tr>
                ))
                .reverse()}
            </tbody>
          </table>
        </section>
      )}
    </details>
  );
}
