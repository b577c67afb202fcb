import type { ApiServer } from '../../support/kubernetes/api-server.ts';

interface HookOf {
  readonly weight?: number;
  readonly policy?: string;
}

/** A Pod that is a hook. */
export const hookPod = (
  event: string,
  name: string,
  { weight = 0, policy }: HookOf = {},
): string => `apiVersion: v1
kind: Pod
metadata:
  name: ${name}
  annotations: { helm.sh/hook: "${event}", helm.sh/hook-weight: "${weight}"${policy === undefined ? '' : `, helm.sh/hook-delete-policy: ${policy}`} }
spec: { restartPolicy: Never, containers: [{ name: x, image: x }] }
`;

/** Nothing runs pods here: this says what a kubelet would, once a visit has told that it waits for one. */
export function kubeletOf(server: ApiServer, fails: readonly string[] = []) {
  const ran: string[] = [];
  const onRunning = async (message: string): Promise<void> => {
    const [, name] = /^waits for hook \S+ Pod\/(\S+): its pod is/.exec(message) ?? [];
    if (name === undefined) return;
    ran.push(name);
    const patch = JSON.stringify({ status: { phase: fails.includes(name) ? 'Failed' : 'Succeeded' } });
    await server.kubectl('patch', 'pod', name, '--subresource=status', '--type=merge', '-p', patch);
  };
  return { ran, onRunning };
}
