/** How a flow is named to a person: ids of flows are words joined by `_`. */
const nameOf = (flow: string): string => `${flow.replaceAll('_', ' ')} request`;

/** What the flows say by themselves, beside the words of the playbook. */
export const sentences = {
  backTo: (flow: string) => `Back to your ${nameOf(flow)}.`,
  cancelled: (flow: string) => `Your ${nameOf(flow)} is cancelled.`,
  tooMany: (flow: string) =>
    `There is too much open already for your ${nameOf(flow)}. Finish or cancel something first, then ask for it again.`,
  roundInCircles: (flow: string) =>
    `I stopped your ${nameOf(flow)}: it went round in circles. Write "help" to reach a person.`,
  changed: (flow: string) =>
    `I cannot go on with your ${nameOf(flow)}, because how it works has changed meanwhile. Please ask for it again.`,
  isDone: (slot: string) =>
    `What depends on the ${slot.replaceAll('_', ' ')} is done already, so it cannot be changed here.`,
  isWaiting: (flow: string) =>
    `Your ${nameOf(flow)} waits for a reviewer as it is. To change it, cancel it and ask for it again.`,
  yesOrNo: 'Please answer yes or no.',
  wayOut: 'If you are stuck, write "help", or "cancel" to stop this.',
  neededFor: (description: string) => `It is needed for this: ${description}`,
  expired: (flow: string) => `Nobody decided about your ${nameOf(flow)} in time, so nothing was done.`,
  notRun: 'That was not run.',
} as const;
