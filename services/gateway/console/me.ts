import { signal } from '@preact/signals';
import type { z } from 'zod';
import type { me as meSchema } from '../api/resources.ts';
import type { Role } from '../api/role.ts';

export type Me = z.infer<typeof meSchema>;

/** Who is signed in; null when nobody is, undefined until that is known. */
export const me = signal<Me | null | undefined>(undefined);

/** Said on the sign-in page: a session that was there has ended. */
export const hasEnded = signal(false);

export function markSignedOut(): void {
  if (me.peek()) hasEnded.value = true;
  if (me.peek() !== undefined) me.value = null;
}

const roles: readonly Role[] = ['user', 'viewer', 'reviewer', 'operator'];

/** Whether who is signed in may do what `needs` may. The gateway decides again. */
export function may(needs: Role): boolean {
  const role = me.value?.role;
  return role !== undefined && roles.indexOf(role) >= roles.indexOf(needs);
}
