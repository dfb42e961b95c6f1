import { useEffect } from 'react';

const wrong = ['[aria-invalid="true"]', '[data-invalid] button', '[data-invalid] input'].join(', ');

/** A form that is not accepted takes the keyboard to the first field that is wrong, where the reason is read out. */
export function useWrongFields(): void {
  useEffect(() => {
    let frame = 0;
    const look = (event: SubmitEvent): void => {
      const { target: form } = event;
      if (!(form instanceof HTMLFormElement)) return;
      cancelAnimationFrame(frame);
      // Once what is wrong is drawn; parts that were folded away unfold first.
      frame = requestAnimationFrame(() => {
        frame = requestAnimationFrame(() => {
          const field = form.isConnected ? form.querySelector(wrong) : null;
          if (field instanceof HTMLElement) field.focus();
        });
      });
    };
    document.addEventListener('submit', look, true);
    return () => {
      document.removeEventListener('submit', look, true);
      cancelAnimationFrame(frame);
    };
  }, []);
}
