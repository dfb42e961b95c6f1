import { FlaskConical } from 'lucide-react';
import { useRef, useState } from 'react';
import { folder } from '#shared/mail/folder.ts';
import { useApi } from '../../api.ts';
import { t } from '../../i18n/index.ts';
import { useNavigation } from '../../navigation.ts';
import { FormError } from '../../ui/form-error.tsx';
import { Button, ProgressRing, RadioGroup, showToast, TextField } from '../../ui/index.ts';
import { domainOfAnswers, problemsOfYou, withProposal } from './answers.ts';
import { PageFrame } from './page-frame.tsx';
import { pageAfter } from './wizard-pages.ts';
import { answer, goTo, useWizard } from './wizard-state.ts';

/** Name and address. Going on looks for the servers of the address; no password is asked for or sent. */
export function YouPage() {
  const answers = useWizard((state) => state.answers);
  const [showsProblems, setShowsProblems] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const looking = useProposal();
  const [problem] = showsProblems ? problemsOfYou(answers) : [];
  const isAddressProblem = problem === 'address-missing' || problem === 'address-wrong';
  return (
    <PageFrame
      title={t('account-setup.you.title')}
      text={t('account-setup.you.text')}
      isPending={looking.isLooking}
      otherAction={<PracticeButton onError={setError} />}
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
      <FormError error={error} />
    </PageFrame>
  );
}

/** Built-in servers and sample mail instead of one's own, in one click. */
function PracticeButton({ onError }: { onError: (error: unknown) => void }) {
  const api = useApi();
  const open = useNavigation((state) => state.open);
  const [isStarting, setStarting] = useState(false);
  const practise = (): void => {
    setStarting(true);
    onError(null);
    api
      .call('practice.setUp', {})
      .then(() => {
        open({ kind: 'mail', folder: folder.inbox });
        showToast({ text: t('account-setup.practice.ready') });
      })
      .catch(onError)
      .finally(() => setStarting(false));
  };
  return (
    <Button variant="quiet" icon={FlaskConical} onPress={practise} isPending={isStarting}>
      {t('account-setup.practice')}
    </Button>
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
