import type { CallOptions } from '../shared/kernel/call-options.ts';
import { isDeployName, isSourceName, type SourceId } from '../shared/model/ids.ts';
import { isDigest } from '../shared/oci/digest.ts';

/** What can be asked for by a button, and of what. */
export type Action =
  | { readonly what: 'reconcile' | 'suspend' | 'resume'; readonly source: SourceId }
  | { readonly what: 'rollback'; readonly source: SourceId; readonly to: string }
  | {
      readonly what: 'replay' | 'approve' | 'reject' | 'skip';
      readonly source: SourceId;
      readonly deploy: string;
      /** Digest of what the page showed; null for `replay`, which has what is current applied. */
      readonly revision: string | null;
      readonly reason: string | null;
    };

/** What a page may say that it was asked for. */
export const ASKED: readonly Action['what'][] = [
  'reconcile',
  'suspend',
  'resume',
  'rollback',
  'replay',
  'approve',
  'reject',
  'skip',
];

/** Does what was asked for. @throws LandfallError as the command of that name */
export interface Actions {
  act(action: Action, options: CallOptions): Promise<void>;
}

const NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const REASON_CHARACTERS_SHOWN = 500;

/** Undefined where a form is none of ours. */
export function parseAction(form: Readonly<Record<string, unknown>>): Action | undefined {
  const text = (key: string): string => (typeof form[key] === 'string' ? form[key] : '');
  const [what, namespace, name, deploy] = [text('what'), text('namespace'), text('name'), text('deploy')];
  if (!NAME.test(namespace) || !isSourceName(name)) return undefined;
  const source = { namespace, name };
  if (what === 'reconcile' || what === 'suspend' || what === 'resume') return { what, source };
  if (what === 'rollback') return text('to') === '' ? undefined : { what, source, to: text('to') };
  if (what !== 'replay' && what !== 'approve' && what !== 'reject' && what !== 'skip') return undefined;
  if (!isDeployName(deploy)) return undefined;
  const reason = text('reason').trim().slice(0, REASON_CHARACTERS_SHOWN);
  const revision = text('revision');
  if (what !== 'replay' && !isDigest(revision)) return undefined;
  return {
    what,
    source,
    deploy,
    revision: revision === '' ? null : revision,
    reason: reason === '' ? null : reason,
  };
}
