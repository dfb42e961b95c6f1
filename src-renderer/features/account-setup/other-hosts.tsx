import { type Endpoint, endpointName } from '#shared/mail/endpoint.ts';
import { t } from '../../i18n/index.ts';
import { Button } from '../../ui/index.ts';

/** The first few other places where the server may be, each one press away. Nothing when there are none. */
export function OtherHosts(props: { endpoints: readonly Endpoint[]; onChoose: (endpoint: Endpoint) => void }) {
  if (props.endpoints.length === 0) return null;
  return (
    <div className="wizard-others">
      <span>{t('account-setup.tryHost')}</span>
      {props.endpoints.slice(0, 3).map((endpoint) => (
        <Button key={endpointName(endpoint)} size="small" variant="quiet" onPress={() => props.onChoose(endpoint)}>
          {endpointName(endpoint)}
        </Button>
      ))}
    </div>
  );
}
