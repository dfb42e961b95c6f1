import type { FormEvent, ReactNode } from 'react';
import { t } from '../../i18n/index.ts';
import { useNavigation } from '../../navigation.ts';
import { Button } from '../../ui/index.ts';
import { pageBefore } from './wizard-pages.ts';
import { goTo, useWizard } from './wizard-state.ts';

export interface PageFrameProps {
  title: string;
  text?: ReactNode;
  children: ReactNode;
  /** Runs by the button and by Enter. */
  onNext: () => void;
  nextLabel?: string;
  isPending?: boolean;
  isNextDisabled?: boolean;
  /** Another way on, before the main button. */
  otherAction?: ReactNode;
}

/** A page of the wizard: one question, Back and Next always in the same place. */
export function PageFrame(props: PageFrameProps) {
  const page = useWizard((state) => state.page);
  const answers = useWizard((state) => state.answers);
  const before = pageBefore(page, answers);
  const leave = useNavigation((state) => state.back);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (props.isPending !== true && props.isNextDisabled !== true) props.onNext();
  };
  return (
    <form className="wizard-form" onSubmit={submit} noValidate>
      <h1 className="wizard-title" tabIndex={-1}>
        {props.title}
      </h1>
      {props.text !== undefined && <p className="wizard-text">{props.text}</p>}
      {props.children}
      <footer className="wizard-foot">
        <Button onPress={() => (before === null ? leave() : goTo(before))}>
          {before === null ? t('ui.cancel') : t('account-setup.back')}
        </Button>
        <span className="wizard-space" />
        {props.otherAction}
        <Button variant="primary" type="submit" isPending={props.isPending} isDisabled={props.isNextDisabled}>
          {props.nextLabel ?? t('account-setup.next')}
        </Button>
      </footer>
    </form>
  );
}
