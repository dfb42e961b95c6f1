import { useRef, useState } from 'react';
import { useApi } from '../../api.ts';
import { t } from '../../i18n/index.ts';
import { Button, ProgressRing, RadioGroup, TextField } from '../../ui/index.ts';
import { domainOfAnswers, problemsOfYou, withProposal } from './answers.ts';
import { PageFrame } from './page-frame.tsx';
import { pageAfter } from './wizard-pages.ts';
import { answer, goTo, useWizard } from './wizard-state.ts';

/** Name and address. Going on looks for the servers of the address; no password is asked for or sent. */
export function YouPage() {
  const answers = useWizard((state) => state.answers);
  const [showsProblems, setShowsProblems] = useState(false);
  const looking = useProposal();
  const [problem] = showsProblems ? problemsOfYou(answers) : [];
  const isAddressProblem = problem === 'address-missing' || problem === 'address-wrong';
  return (
    <PageFrame
      title={t('account-setup.you.title')}
      text={t('account-setup.you.text')}
      isPending={looking.isLooking}
      onNext={() => {
        setShowsProblems(true);
        if (problemsOfYou(answers).length === 0) looking.look();
      }}
    >
      <TextField
        label={t('account-setup.name')}
        value={answers.displayName}
        onChange={(displayName) => answer({ displayName })}
        autoComplete="name"
        autoFocus
      />
      <TextField
        label={t('account-setup.address')}
        value={answers.address}
        onChange={(address) => answer({ address })}
        error={isAddressProblem ? t(`account-setup.problem.${problem}`) : null}
        placeholder="name@example.com"
        type="text"
        inputMode="email"
        autoComplete="email"
        spellCheck="false"
      />
      <RadioGroup
        label={t('account-setup.purpose')}
        options={(['both', 'receive-only', 'send-only'] as const).map((value) => ({
          value,
          label: t(`account-setup.purpose.${value}`),
        }))}
        value={answers.purpose}
        onChange={(purpose) => answer({ purpose })}
      />
      {looking.isLooking && (
        <p className="wizard-looking" role="status">
          <ProgressRing label={null} value={null} />
          <span>{t('account-setup.looking', { domain: domainOfAnswers(answers) })}</span>
          <Button variant="link" onPress={looking.skip}>
            {t('account-setup.looking.skip')}
          </Button>
        </p>
      )}
    </PageFrame>
  );
}

/** Asks for a proposal once per address, then turns the page. Whoever does not want to wait turns it at once. */
function useProposal(): { isLooking: boolean; look: () => void; skip: () => void } {
  const api = useApi();
  const [isLooking, setLooking] = useState(false);
  const asked = useRef(0);
  const turn = (): void => {
    asked.current += 1;
    setLooking(false);
    goTo(pageAfter('you', useWizard.getState().answers));
  };
  return {
    isLooking,
    skip: turn,
    look: () => {
      const { address, proposal } = useWizard.getState().answers;
      if (proposal !== null && lastAsked === address.trim()) {
        turn();
        return;
      }
      asked.current += 1;
      const number = asked.current;
      setLooking(true);
      api.call('setup.propose', { address: address.trim() }).then(
        (found) => {
          if (number !== asked.current) return;
          lastAsked = address.trim();
          answer((before) => withProposal(before, found));
          turn();
        },
        () => {
          // Nothing found is no failure: the next pages are filled in by hand.
          if (number === asked.current) turn();
        },
      );
    },
  };
}

/** The address the present proposal is for. */
let lastAsked = '';
