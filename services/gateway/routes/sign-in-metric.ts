import type { Metrics } from '#runtime/create-metrics';

export type SignInMetric = ReturnType<typeof createSignInMetric>;

/** How many signed in, and how many tried. */
export function createSignInMetric(metrics: Metrics) {
  return metrics.counter('gateway_sign_ins_total', {
    help: 'Sign-ins to the console, by way (link, oidc) and outcome (done, refused)',
    labels: ['way', 'outcome'],
  });
}
