import { create } from 'zustand';
import type { AccountId, IdentityId, ServerId } from '#shared/ids.ts';
import { type Answers, emptyAnswers } from './answers.ts';
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

/** For the next account. */
export function resetWizard(): void {
  useWizard.setState(fresh());
}
