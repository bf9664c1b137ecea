/** How an agent is called in front of people: `account_security` is "Account security", `ci_workers` "CI workers". */
export function titleOf(agent: string): string {
  const words = agent
    .split('_')
    .map((word) => (/^(?:ci|ssh|api|vat|sso|it|ai)$/.test(word) ? word.toUpperCase() : word));
  const text = words.join(' ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
