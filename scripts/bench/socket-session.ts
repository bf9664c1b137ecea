import { apiSessionOf, apiUserOf } from '#contract/api-session';

/** The subject of a numbered caller's token. */
export function callerOf(number: number): string {
  return `caller-${number}`;
}

/** The one conversation of a numbered caller. */
export function sessionOfCaller(number: number): string {
  return apiSessionOf(apiUserOf(callerOf(number)), 'main');
}
