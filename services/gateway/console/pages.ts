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
    path: 'playground',
    title: 'Playground',
    icon: 'play',
    needs: 'user',
    key: 'p',
    group: 'Work',
    load: () => import('./pages/playground/playground.tsx'),
  },
];
