import { create } from 'zustand';
import type { AccountId, IdentityId, ServerId } from '#shared/ids.ts';
import type { SourceAccount } from '#shared/mail/mail-source.ts';
import { type Answers, answersFrom, emptyAnswers } from './answers.ts';
import type { Page } from './wizard-pages.ts';

interface WizardState {
  readonly page: Page;
  readonly answers: Answers;
  /** What a finish that broke off half way has stored already: it is not stored twice. */
  readonly stored: StoredParts;
}

export interface StoredParts {
  readonly accountId: AccountId | null;
  /** By the row of the wizard. */
  readonly serverIds: Readonly<Record<string, ServerId>>;
  readonly identityId: IdentityId | null;
}

const fresh = (): WizardState => ({
  page: 'you',
  answers: emptyAnswers(),
  stored: { accountId: null, serverIds: {}, identityId: null },
});

/** Outlives the screen: whoever looks something up elsewhere finds the wizard as it was left. */
export const useWizard = create<WizardState>()(() => fresh());

export function goTo(page: Page): void {
  useWizard.setState({ page });
}

export function answer(patch: Partial<Answers> | ((before: Answers) => Answers)): void {
  useWizard.setState(({ answers }) => ({
    answers: typeof patch === 'function' ? patch(answers) : { ...answers, ...patch },
  }));
}

export function remember(stored: Partial<StoredParts>): void {
  useWizard.setState((state) => ({ stored: { ...state.stored, ...stored } }));
}

const begun = new WeakSet<SourceAccount>();

/** Begins with what another program's account was set up with; once, so that what was changed since stays. */
export function beginWith(account: SourceAccount): void {
  if (begun.has(account)) return;
  begun.add(account);
  useWizard.setState({ ...fresh(), answers: answersFrom(account) });
}

/** For the next account. */
export function resetWizard(): void {
  useWizard.setState(fresh());
}
