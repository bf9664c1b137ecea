import { type Risk, risk } from '#contract/approval';

/** The greater of what the tool declares and what the playbook's policy says: a playbook only ever raises it. */
export function riskOf(declared: Risk, policy: Risk): Risk {
  const order = risk.options;
  return order.indexOf(policy) > order.indexOf(declared) ? policy : declared;
}
