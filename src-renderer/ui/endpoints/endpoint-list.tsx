import { ArrowDown, ArrowUp, Plus, Trash2 } from 'lucide-react';
import { t } from '../../i18n/index.ts';
import { Button, IconButton } from '../button.tsx';
import { TextField } from '../field.tsx';
import { EndpointFields } from './endpoint-fields.tsx';
import { type EndpointForm, emptyEndpoint, moved, problemsOfEndpoint, withPort } from './endpoint-form.ts';

export interface EndpointListProps {
  endpoints: readonly EndpointForm[];
  onChange: (endpoints: EndpointForm[]) => void;
  showsProblems: boolean;
  /** Offers the field for a certificate to trust by its fingerprint. */
  hasPins?: boolean;
}

/** The endpoints of an outgoing server, tried from the top. */
export function EndpointList({ endpoints, onChange, showsProblems, hasPins }: EndpointListProps) {
  const replace = (index: number, form: EndpointForm): void =>
    onChange(endpoints.map((other, at) => (at === index ? form : other)));
  return (
    <fieldset className="ui-endpoints" aria-label={t('delivery.endpoints')}>
      {endpoints.map((form, index) => (
        <div key={form.rowId} className="ui-endpoints-row">
          <EndpointFields
            protocol="submission"
            form={form}
            onChange={(next) => replace(index, next)}
            showsProblems={showsProblems}
            isCompact={index > 0}
          />
          <div className="ui-endpoints-acts" data-first={index === 0 ? '' : undefined}>
            <IconButton
              label={t('delivery.endpoint.up')}
              icon={ArrowUp}
              isDisabled={index === 0}
              onPress={() => onChange(moved(endpoints, index, index - 1))}
            />
            <IconButton
              label={t('delivery.endpoint.down')}
              icon={ArrowDown}
              isDisabled={index === endpoints.length - 1}
              onPress={() => onChange(moved(endpoints, index, index + 1))}
            />
            <IconButton
              label={t('delivery.endpoint.remove')}
              icon={Trash2}
              isDisabled={endpoints.length === 1}
              onPress={() => onChange(endpoints.filter((_, at) => at !== index))}
            />
          </div>
          {hasPins === true && (
            <PinField form={form} onChange={(next) => replace(index, next)} showsProblems={showsProblems} />
          )}
        </div>
      ))}
      <Button variant="quiet" size="small" icon={Plus} onPress={() => onChange([...endpoints, another(endpoints)])}>
        {t('delivery.endpoint.add')}
      </Button>
    </fieldset>
  );
}

function PinField(props: { form: EndpointForm; onChange: (form: EndpointForm) => void; showsProblems: boolean }) {
  const { form, onChange, showsProblems } = props;
  const pin = form.pinnedCertificateSha256;
  if (form.security === 'none' || pin === null) return null;
  const isWrong = showsProblems && problemsOfEndpoint(form).includes('fingerprint-wrong');
  return (
    <TextField
      className="ui-endpoints-pin"
      label={t('delivery.pin')}
      description={t('delivery.pin.meaning')}
      value={pin}
      onChange={(value) => onChange({ ...form, pinnedCertificateSha256: value })}
      error={isWrong ? t('delivery.problem.fingerprint-wrong') : null}
      spellCheck="false"
      suffix={
        <Button onPress={() => onChange({ ...form, pinnedCertificateSha256: null })}>{t('delivery.pin.remove')}</Button>
      }
    />
  );
}

/** The same host at the next usual port: what a second endpoint most often is. */
function another(endpoints: readonly EndpointForm[]): EndpointForm {
  const last = endpoints.at(-1);
  const next = ['587', '465', '2525', '25'].find((port) => endpoints.every((endpoint) => endpoint.port !== port));
  const fresh = emptyEndpoint('submission');
  if (last === undefined || next === undefined) return fresh;
  const form = withPort({ ...fresh, host: last.host }, next, 'submission');
  return next === '2525' || next === '25' ? { ...form, security: 'starttls' } : form;
}
