import { LockKeyhole, LockKeyholeOpen } from 'lucide-react';
import type { Security } from '#shared/mail/endpoint.ts';
import { t } from '../../i18n/index.ts';
import { Icon } from '../icon.tsx';
import './endpoints.css';

export interface ShownEndpoint {
  host: string;
  port: number | string;
  security: Security;
}

/** `smtp.example.com:465` with its lock and the word: how an endpoint is shown where it is not edited. */
export function EndpointName({ host, port, security }: ShownEndpoint) {
  return <HostPorts host={host} endpoints={[{ host, port, security }]} />;
}

/** Endpoints of one host, its name said once: `smtp.example.com:465 TLS :587 STARTTLS`. */
export function HostPorts({ host, endpoints }: { host: string; endpoints: readonly ShownEndpoint[] }) {
  const isInClear = endpoints.some(({ security }) => security === 'none');
  return (
    <span className="ui-endpoint-name">
      <Icon of={isInClear ? LockKeyholeOpen : LockKeyhole} />
      <span>
        {endpoints.map(({ port, security }, index) => (
          <span key={`${port} ${security}`} className={index === 0 ? undefined : 'ui-endpoint-more'}>
            <bdi>
              {index === 0 && <Breakable name={host.includes(':') ? `[${host}]` : host} />}:{port}
            </bdi>{' '}
            <span className="ui-endpoint-word">
              {t(security === 'none' ? 'delivery.security.none.shown' : `delivery.security.${security}`)}
            </span>{' '}
          </span>
        ))}
      </span>
    </span>
  );
}

/** A long name breaks after its dots before it breaks anywhere. */
function Breakable({ name }: { name: string }) {
  return name.split(/(?<=\.)/u).map((label, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a label is its place
    <span key={index}>
      {label}
      <wbr />
    </span>
  ));
}
