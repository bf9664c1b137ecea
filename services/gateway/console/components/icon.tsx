/** Strokes on a grid of 24. */
const paths = {
  arrow: 'M5 12h14M13 6l6 6-6 6',
  back: 'M19 12H5M11 6l-6 6 6 6',
  book: 'M5 4h11a3 3 0 013 3v13H8a3 3 0 01-3-3zM5 17a3 3 0 013-3h11',
  chart: 'M4 20V10M10 20V4M16 20v-7M21 20H3',
  chat: 'M4 5h16v11H10l-5 4v-4H4z',
  check: 'M5 12.5l4.5 4.5L19 7',
  clock: 'M12 7v5l3.5 2M21 12a9 9 0 11-18 0 9 9 0 0118 0z',
  command: 'M9 6a3 3 0 10-3 3h12a3 3 0 10-3-3v12a3 3 0 103-3H6a3 3 0 10 3 3z',
  computer: 'M4 5h16v11H4zM9 20h6M12 16v4',
  cross: 'M6 6l12 12M18 6L6 18',
  inbox: 'M4 13l3-8h10l3 8v6H4zM4 13h5l1.5 2.5h3L15 13h5',
  key: 'M14 10a4 4 0 10-4 4 4 4 0 004-4zM13 13l7 7M17 17l2-2',
  letter: 'M3 6h18v12H3zM3 7l9 7 9-7',
  menu: 'M4 7h16M4 12h16M4 17h16',
  moon: 'M20 14.5A8.5 8.5 0 019.5 4 8.5 8.5 0 1020 14.5z',
  out: 'M14 4h5v16h-5M10 12H3M6 8l-4 4 4 4',
  pencil: 'M4 20l1-5L16 4l4 4L9 19z',
  person: 'M12 12a4 4 0 100-8 4 4 0 000 8zM4 21a8 8 0 0116 0',
  play: 'M7 4.5v15l12-7.5z',
  plus: 'M12 5v14M5 12h14',
  refresh: 'M20 11A8 8 0 006 6L3.5 8.5M3.5 4v4.5H8M4 13a8 8 0 0014 5l2.5-2.5M20.5 20v-4.5H16',
  reply: 'M9 6l-6 6 6 6M3 12h11a7 7 0 017 7',
  search: 'M16 10.5a5.5 5.5 0 11-11 0 5.5 5.5 0 0111 0zM15 15l5 5',
  send: 'M4 12l16-8-6 16-3-7z',
  shield: 'M12 3l8 3v6c0 5-3.5 8-8 9-4.5-1-8-4-8-9V6z',
  spark: 'M12 3l2 6 6 2-6 2-2 6-2-6-6-2 6-2z',
  sun: 'M12 8a4 4 0 100 8 4 4 0 000-8zM12 2v2M12 20v2M4.9 4.9l1.4 1.4M17.7 17.7l1.4 1.4M2 12h2M20 12h2M4.9 19.1l1.4-1.4M17.7 6.3l1.4-1.4',
  switch: 'M8 7h8a5 5 0 010 10H8A5 5 0 018 7zM8 10a2 2 0 100 4 2 2 0 000-4z',
  system: 'M4 4h16v6H4zM4 14h16v6H4zM8 7h.01M8 17h.01',
  warning: 'M12 4l9 16H3zM12 10v4M12 17h.01',
} as const;

export type IconName = keyof typeof paths;

/** A picture beside words, which readers of the words do not need. */
export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}
