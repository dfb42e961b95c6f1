import { Plus } from 'lucide-react';
import { useState } from 'react';
import { t } from '../../i18n/index.ts';
import { useServers } from '../../projection/settings-parts.ts';
import { Banner, Button, Checkbox } from '../../ui/index.ts';
import { emptyOutgoing, type OutgoingAnswers, problemsOfOutgoing } from './answers.ts';
import { OutgoingServerFields } from './outgoing-server-fields.tsx';
import { PageFrame } from './page-frame.tsx';
import { pageAfter } from './wizard-pages.ts';
import { answer, goTo, useWizard } from './wizard-state.ts';

/** One or several servers by which mail may leave, in order. */
export function OutgoingPage() {
  const answers = useWizard((state) => state.answers);
  const [showsProblems, setShowsProblems] = useState(false);
  const problems = problemsOfOutgoing(answers);
  const { outgoing } = answers;
  const change = (rowId: string, patch: Partial<OutgoingAnswers>): void =>
    answer((before) => ({
      ...before,
      outgoing: before.outgoing.map((server) => (server.rowId === rowId ? { ...server, ...patch } : server)),
    }));
  const serverCount = outgoing.length + answers.existingServerIds.length;
  return (
    <PageFrame
      title={t('account-setup.outgoing.title')}
      text={t('account-setup.outgoing.text')}
      onNext={() => {
        setShowsProblems(true);
        if (problems.length === 0) goTo(pageAfter('outgoing', answers));
      }}
    >
      {answers.proposal?.isBigProvider === true && (
        <Banner level={serverCount > 1 ? 'warning' : 'info'} className="wizard-note">
          {serverCount > 1 ? t('account-setup.outgoing.tooMany') : t('account-setup.outgoing.bigProvider')}
        </Banner>
      )}
      <ExistingServers />
      {outgoing.map((server, index) => (
        <OutgoingServerFields
          key={server.rowId}
          number={index + 1}
          server={server}
          answers={answers}
          onChange={(patch) => change(server.rowId, patch)}
          onRemove={
            serverCount > 1
              ? () => answer({ outgoing: outgoing.filter(({ rowId }) => rowId !== server.rowId) })
              : undefined
          }
          showsProblems={showsProblems}
        />
      ))}
      {showsProblems && problems.includes('outgoing-missing') && (
        <p className="wizard-problem" role="alert">
          {t('account-setup.problem.outgoing-missing')}
        </p>
      )}
      <div>
        <Button icon={Plus} onPress={() => answer({ outgoing: [...outgoing, emptyOutgoing()] })}>
          {t('account-setup.outgoing.add')}
        </Button>
      </div>
    </PageFrame>
  );
}

function ExistingServers() {
  const servers = useServers();
  const chosen = useWizard((state) => state.answers.existingServerIds);
  if (servers.length === 0) return null;
  return (
    <fieldset className="wizard-existing">
      <legend className="ui-field-label">{t('account-setup.outgoing.existing')}</legend>
      {servers.map(({ id, label }) => (
        <Checkbox
          key={id}
          isSelected={chosen.includes(id)}
          onChange={(isChosen) =>
            answer({ existingServerIds: isChosen ? [...chosen, id] : chosen.filter((other) => other !== id) })
          }
        >
          {label}
        </Checkbox>
      ))}
    </fieldset>
  );
}
