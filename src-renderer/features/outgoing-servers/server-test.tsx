import { useState } from 'react';
import { type Endpoint, endpointName } from '#shared/mail/endpoint.ts';
import type { OutgoingServerView } from '#shared/mail/outgoing-server.ts';
import { useApi } from '../../api.ts';
import { t } from '../../i18n/index.ts';
import { CheckButtons } from '../../ui/checks/check-buttons.tsx';
import { CheckView } from '../../ui/checks/check-view.tsx';
import { useCheck } from '../../ui/checks/use-check.ts';
import { toEndpointForm } from '../../ui/endpoints/endpoint-form.ts';
import { FormError } from '../../ui/form-error.tsx';
import { Section, showToast } from '../../ui/index.ts';
import type { ServerForm } from './server-form.ts';
import { serverInputOf } from './server-input.ts';

export interface ServerTestProps {
  form: ServerForm;
  server: OutgoingServerView | null;
  isChanged: boolean;
  onChange: (patch: Partial<ServerForm>) => void;
  onProblems: () => void;
  /** Stores this form as it is. */
  onSave: (form: ServerForm) => void;
}

type PlainEndpoint = Pick<Endpoint, 'host' | 'port' | 'security'>;

/**
 * Tests what stands in the form, stored or not, with the stages live. Advice taken goes into the form; where nothing else
 * waits there to be saved, it is saved at once, and the test runs again.
 */
export function ServerTest({ form, server, isChanged, onChange, onProblems, onSave }: ServerTestProps) {
  const check = useCheck();
  const relay = useAcceptRelay(server);
  const test = (tested: ServerForm): void => {
    const named = tested.label.trim() === '' ? { ...tested, label: tested.endpoints[0]?.host ?? '' } : tested;
    const input = serverInputOf(named);
    if (input === null) onProblems();
    else check.start({ kind: 'server', params: { server: input, serverId: server?.id } });
  };
  const take = (endpoints: ServerForm['endpoints']): void => {
    onChange({ endpoints });
    if (server !== null && !isChanged) onSave({ ...form, endpoints });
    test({ ...form, endpoints });
  };
  return (
    <Section
      title={t('outgoing-servers.test')}
      description={t('outgoing-servers.test.meaning')}
      className="servers-test"
    >
      <div className="servers-acts">
        <CheckButtons run={check.run} onStart={() => test(form)} onStop={check.stop} />
      </div>
      <FormError error={relay.error} />
      <CheckView
        protocol="submission"
        run={check.run}
        onUse={(endpoint) => take(withFirst(form.endpoints, endpoint))}
        onPin={(endpoint, sha256) => take(withPin(form.endpoints, endpoint, sha256))}
        onAcceptRelay={server === null ? undefined : (endpoint) => relay.accept(endpoint, () => test(form))}
      />
    </Section>
  );
}

/** Tried first from now on; the others stay behind it, for networks where they work. */
function withFirst(endpoints: ServerForm['endpoints'], { host, port, security }: PlainEndpoint) {
  const others = endpoints.filter((row) => !(row.host === host && row.port === String(port)));
  return [toEndpointForm({ host, port, security }), ...others];
}

function withPin(endpoints: ServerForm['endpoints'], { host, port }: PlainEndpoint, sha256: string) {
  return endpoints.map((row) =>
    row.host === host && row.port === String(port) ? { ...row, pinnedCertificateSha256: sha256 } : row,
  );
}

function useAcceptRelay(server: OutgoingServerView | null) {
  const api = useApi();
  const [error, setError] = useState<unknown>(null);
  return {
    error,
    accept: (endpoint: PlainEndpoint, onDone: () => void): void => {
      if (server === null) return;
      setError(null);
      const name = endpointName(endpoint);
      api
        .call('server.acceptRelay', { serverId: server.id, endpoint: name })
        .then(() => {
          showToast({ text: t('delivery.check.acceptRelay.done', { endpoint: name }) });
          onDone();
        })
        .catch(setError);
    },
  };
}
