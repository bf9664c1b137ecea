import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { Button } from './button.tsx';

interface DialogProps {
  readonly title: string;
  readonly children: ComponentChildren;
  readonly actions?: ComponentChildren;
  /** `drawer` comes from the left edge. */
  readonly kind?: 'normal' | 'wide' | 'drawer' | 'palette';
  onClose(): void;
}

/** Over the page until it is closed: by its button, Escape or a click beside it. Focus returns to where it was. */
export function Dialog({ title, children, actions, kind = 'normal', onClose }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  const heading = useId();
  /** Whoever marks a text and lets go beside the dialog has not clicked beside it. */
  const beganBeside = useRef(false);
  useEffect(() => {
    const before = document.activeElement;
    element.current?.showModal();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a dialog without our help.
    <dialog
      ref={element}
      class={`dialog ${kind}`}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onPointerDown={({ target }) => {
        beganBeside.current = target === element.current;
      }}
      onClick={({ target }) => {
        if (beganBeside.current && target === element.current) onClose();
      }}
    >
      <div class="dialog-body">
        <header class={kind === 'palette' ? 'visually-hidden' : 'dialog-head'}>
          <h2 id={heading}>{title}</h2>
          {kind === 'palette' ? null : (
            <Button kind="quiet" size="small" icon="cross" label="Close" onClick={onClose} />
          )}
        </header>
        {children}
        {actions === undefined ? null : <footer class="dialog-actions">{actions}</footer>}
      </div>
    </dialog>
  );
}
