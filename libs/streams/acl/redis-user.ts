/** Who signs in to Redis with rights of its own: the services, and the command line of operators. */
export const redisUsers = ['ingress', 'worker', 'egress', 'clock', 'gateway', 'operator'] as const;
export type RedisUser = (typeof redisUsers)[number];
