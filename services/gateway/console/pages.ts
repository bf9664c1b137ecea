import type { ComponentType } from 'preact';
import type { Role } from '../api/role.ts';
import type { IconName } from './components/icon.tsx';

export interface PageProps {
  /** What stands behind the page's own name in the address: `#/inbox/7K3` gives `['7K3']`. */
  readonly rest: readonly string[];
}

export interface Page {
  /** The first part of its address: `inbox` is `#/inbox`. */
  readonly path: string;
  readonly title: string;
  readonly icon: IconName;
  /** Who may see it; the gateway refuses its data to others anyway. */
  readonly needs: Role;
  /** Pressed after `g`. */
  readonly key: string;
  /** Pages of one group stand together. */
  readonly group: 'Work' | 'System' | 'Rules';
  /** Loaded when it is first shown. A stylesheet that it imports is part of the page from the start. */
  readonly load: () => Promise<{ readonly default: ComponentType<PageProps> }>;
}

/** All pages, in the order of the navigation. The first one that somebody may see is where they begin. */
export const pages: readonly Page[] = [
  {
    path: 'inbox',
    title: 'Inbox',
    icon: 'inbox',
    needs: 'viewer',
    key: 'i',
    group: 'Work',
    load: () => import('./pages/inbox/inbox.tsx'),
  },
  {
    path: 'conversations',
    title: 'Conversations',
    icon: 'chat',
    needs: 'viewer',
    key: 'c',
    group: 'Work',
    load: () => import('./pages/conversations/conversations-page.tsx'),
  },
  {
    path: 'playground',
    title: 'Playground',
    icon: 'play',
    needs: 'user',
    key: 'p',
    group: 'Work',
    load: () => import('./pages/playground/playground.tsx'),
  },
  {
    path: 'overview',
    title: 'Overview',
    icon: 'chart',
    needs: 'viewer',
    key: 'o',
    group: 'System',
    load: () => import('./pages/overview/overview-page.tsx'),
  },
  {
    path: 'system',
    title: 'System',
    icon: 'system',
    needs: 'viewer',
    key: 's',
    group: 'System',
    load: () => import('./pages/system/system-page.tsx'),
  },
  {
    path: 'letters',
    title: 'Dead letters',
    icon: 'letter',
    needs: 'viewer',
    key: 'd',
    group: 'System',
    load: () => import('./pages/letters/letters-page.tsx'),
  },
  {
    path: 'playbook',
    title: 'Playbook',
    icon: 'book',
    needs: 'viewer',
    key: 'b',
    group: 'Rules',
    load: () => import('./pages/playbook/playbook-page.tsx'),
  },
  {
    path: 'switches',
    title: 'Switches',
    icon: 'switch',
    needs: 'viewer',
    key: 'w',
    group: 'Rules',
    load: () => import('./pages/switches/switches-page.tsx'),
  },
  {
    path: 'audit',
    title: 'Audit',
    icon: 'shield',
    needs: 'viewer',
    key: 'a',
    group: 'Rules',
    load: () => import('./pages/audit/audit-page.tsx'),
  },
];
