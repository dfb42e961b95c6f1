import type { EventName, Notice, Payload } from '#shared/rpc/contract.ts';

/** What the user has to know about the profile until it is dismissed; one entry an id. */
export interface NoticeBoard {
  /** `onDismissed`: the person has read it. */
  put(notice: Notice, onDismissed?: () => void): void;
  dismiss(id: string): void;
  /** The person put it away. */
  dismissByHand(id: string): void;
  list(): Notice[];
}

export function createNoticeBoard(emit: <E extends EventName>(name: E, payload: Payload<E>) => void): NoticeBoard {
  const notices = new Map<string, Notice>();
  const heeds = new Map<string, () => void>();
  const tell = (): void => emit('notices.changed', [...notices.values()]);
  const dismiss = (id: string): void => {
    heeds.delete(id);
    if (notices.delete(id)) tell();
  };
  return {
    put(notice, onDismissed) {
      heeds.delete(notice.id);
      if (onDismissed !== undefined) heeds.set(notice.id, onDismissed);
      notices.set(notice.id, notice);
      tell();
    },
    dismiss,
    dismissByHand(id) {
      const heed = heeds.get(id);
      dismiss(id);
      heed?.();
    },
    list: () => [...notices.values()],
  };
}
