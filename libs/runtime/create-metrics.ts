import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

interface Description<Label extends string> {
  readonly help: string;
  /** Few distinct values each: never the id of a user, room or session. */
  readonly labels?: readonly Label[];
}

interface GaugeDescription<Label extends string> extends Description<Label> {
  readonly collect?: (gauge: Gauge<Label>) => void | Promise<void>;
}

export interface Metrics {
  readonly registry: Registry;
  /** The name gets the prefix `vagent_`; by custom it ends in `_total`. */
  counter<Label extends string = never>(name: string, about: Description<Label>): Counter<Label>;
  /** With `collect` the value is asked for at each scrape. */
  gauge<Label extends string = never>(name: string, about: GaugeDescription<Label>): Gauge<Label>;
  /** By custom the name ends in its unit, `_seconds` or `_bytes`; `buckets` are upper bounds in that unit. */
  histogram<Label extends string = never>(
    name: string,
    about: Description<Label> & { readonly buckets?: readonly number[] },
  ): Histogram<Label>;
}

const prefix = 'vagent_';
/** From a Redis round trip to a long model call. */
const secondsBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/**
 * The metrics of one process in a registry of their own, with the label `service` on each and those of Node and the
 * process (event loop, heap, garbage collection) under their usual names. A name that is taken or malformed throws.
 */
export function createMetrics(options: { readonly service: string }): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service: options.service });
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    counter: (name, { help, labels = [] }) =>
      new Counter({ name: prefix + name, help, labelNames: labels, registers }),
    gauge: <Label extends string>(name: string, { help, labels = [], collect }: GaugeDescription<Label>) => {
      const gauge: Gauge<Label> = new Gauge({
        name: prefix + name,
        help,
        labelNames: labels,
        registers,
        ...(collect === undefined ? {} : { collect: () => collect(gauge) }),
      });
      return gauge;
    },
    histogram: (name, { help, labels = [], buckets = secondsBuckets }) =>
      new Histogram({ name: prefix + name, help, labelNames: labels, buckets: [...buckets], registers }),
  };
}
