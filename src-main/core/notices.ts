import type { EventName, Notice, Payload } from '#shared/rpc/contract.ts';

/** What the user has to know about the profile until it is dismissed; one entry an id. */
export interface NoticeBoard {
  put(notice: Notice): void;
  dismiss(id: string): void;
  list(): Notice[];
}

export function createNoticeBoard(emit: <E extends EventName>(name: E, payload: Payload<E>) => void): NoticeBoard {
  const notices = new Map<string, Notice>();
  const tell = (): void => emit('notices.changed', [...notices.values()]);
  return {
    put(notice) {
      notices.set(notice.id, notice);
      tell();
    },
    dismiss(id) {
      if (notices.delete(id)) tell();
    },
    list: () => [...notices.values()],
  };
}
