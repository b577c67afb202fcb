import type { LandfallError } from '../../../errors.ts';
import { deployFailed, deployUnavailable } from '../../kit/failures.ts';
import { textAt } from '../cluster-object.ts';
import type { ClusterAnswer } from './cluster.ts';

/** How the API server words that a field stays what it was made with. @see apimachinery's validation, and apps' own */
const IMMUTABLE =
  /field is immutable|is immutable after|immutable field|cannot be changed|may not be changed|updates to statefulset spec for fields other than/i;

export const isImmutable = ({ status, body }: ClusterAnswer): boolean =>
  (status === 422 || status === 409) && IMMUTABLE.test(textAt(body, 'message'));

interface Meaning {
  readonly looks: (answer: ClusterAnswer, message: string) => boolean;
  /** It may come right by itself, or by another deploy. */
  readonly passes: boolean;
  readonly hint: string;
}

/** What a refusal means; the first that looks like it. */
const MEANINGS: readonly Meaning[] = [
  {
    looks: (_answer, message) => /because it is being terminated/.test(message),
    passes: true,
    hint: 'The namespace is going away: it is tried again until it is gone and made anew. What holds it is told by: kubectl get namespace NAME -o yaml',
  },
  {
    looks: ({ status }, message) => status === 404 && /^namespaces "/.test(message),
    passes: true,
    hint: 'Put the Namespace into the artifact, or let another deploy make it: it is tried again.',
  },
  {
    looks: (answer) => isImmutable(answer),
    passes: false,
    hint: 'Give the object another name, delete it by hand, or let the deploy delete it and make it anew: `force: true`, or the annotation `landfall/force: enabled`.',
  },
  {
    looks: (_answer, message) => /failed calling webhook|failed to call webhook/.test(message),
    passes: true,
    hint: 'The admission webhook does not answer: it is tried again; look at the service that it names.',
  },
  {
    looks: (_answer, message) => /admission webhook .* denied|ValidatingAdmissionPolicy/.test(message),
    passes: false,
    hint: "The cluster's own policy refuses it: correct the manifest to what the message asks for, and push it.",
  },
  {
    // The API server answers 500 to it.
    looks: (_answer, message) =>
      /failed to create typed patch object|not declared in schema|failed to convert new object/.test(message),
    passes: false,
    hint: 'Correct the field that the message names, and push another revision.',
  },
  {
    // Of etcd's own limit the API server says 500.
    looks: ({ status }, message) =>
      status === 413 || /request is too large|Request entity too large/.test(message),
    passes: false,
    hint: 'A cluster keeps objects of at most 1.5 MB: split it, or take out of it what it does not need.',
  },
  {
    looks: ({ status }) => status === 401,
    passes: false,
    hint: 'The cluster does not know who we are: renew the token or certificate of the kubeconfig.',
  },
  {
    looks: ({ status }) => status === 403,
    passes: false,
    hint: 'Give whom the deploy works as (its kubeconfig, its serviceAccount) that right, by a Role or ClusterRole; or leave the object out.',
  },
  {
    looks: ({ status }) => status === 409 || status === 429 || status >= 500,
    passes: true,
    hint: 'It is tried again.',
  },
];

/** An answer that is no success, as an error that says what was asked for and what to do. */
export function clusterRefusal(what: string, answer: ClusterAnswer): LandfallError {
  const message = textAt(answer.body, 'message') || `status ${answer.status}`;
  const meaning = MEANINGS.find(({ looks }) => looks(answer, message));
  const { passes = false, hint = 'Correct the manifest, and push another revision.' } = meaning ?? {};
  const told = `${what}: ${message}`;
  return passes ? deployUnavailable(told, { hint }) : deployFailed(told, { hint });
}

export const isSuccess = ({ status }: ClusterAnswer): boolean => status >= 200 && status < 300;
