import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import { useListKeys } from '../list-keys.ts';

export interface Column<T> {
  readonly title: string;
  readonly cell: (row: T) => ComponentChildren;
  /** Numbers stand at the right. */
  readonly isNumber?: boolean;
  /** Takes what room is left, and is cut where there is none. */
  readonly isWide?: boolean;
  /** Sentences: as wide, and on a phone below their title. */
  readonly isProse?: boolean;
}

interface TableProps<T> {
  /** What the rows are, for those who do not see the heading. */
  readonly label: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly keyOf: (row: T) => string;
  /** Where a row leads: its first cell becomes the link, j and k move between them. */
  readonly hrefOf?: (row: T) => string;
  /** In place of a link: Enter or a click opens the row. */
  readonly onOpen?: (row: T) => void;
  /** Shown without rows. */
  readonly empty: ComponentChildren;
}

/** A table for the eye, the keyboard (j, k, Enter) and a phone, where each row becomes a card. */
export function Table<T>({ label, columns, rows, keyOf, hrefOf, onOpen, empty }: TableProps<T>) {
  const body = useRef<HTMLTableSectionElement>(null);
  useListKeys(body);
  if (rows.length === 0) return <>{empty}</>;
  const leads = hrefOf !== undefined || onOpen !== undefined;
  return (
    <div class="table-frame">
      <table class="table">
        <caption class="visually-hidden">{label}</caption>
        <thead>
          <tr>
            {columns.map(({ title, isNumber }) => (
              <th key={title} scope="col" class={isNumber === true ? 'number' : undefined}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody ref={body}>
          {rows.map((row) => (
            <tr key={keyOf(row)} class={leads ? 'leads' : undefined}>
              {columns.map(({ title, cell, isNumber, isWide, isProse }, index) => (
                <td
                  key={title}
                  data-label={title}
                  class={`${isNumber === true ? 'number' : ''} ${isWide || isProse ? 'wide' : ''} ${isProse ? 'prose' : ''}`}
                >
                  {index > 0 ? cell(row) : lead(row, cell(row), hrefOf, onOpen)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The link's own area covers its row: one thing to focus, and the whole row to click. */
function lead<T>(
  row: T,
  content: ComponentChildren,
  hrefOf: TableProps<T>['hrefOf'],
  onOpen: TableProps<T>['onOpen'],
): ComponentChildren {
  if (hrefOf !== undefined) {
    return (
      <a class="row-lead" data-list-item href={hrefOf(row)}>
        {content}
      </a>
    );
  }
  if (onOpen === undefined) return content;
  return (
    <button type="button" class="row-lead" data-list-item onClick={() => onOpen(row)}>
      {content}
    </button>
  );
}
