import {
  EventBridgeClient,
  PutEventsCommand,
  type PutEventsCommandOutput,
  type PutEventsRequestEntry,
} from '@aws-sdk/client-eventbridge';
import { callSdk, type SdkAccess, sdkSettings } from './call.ts';

/** @throws as callSdk; a 200 may refuse entries, and says so in its own */
export type PutEvents = (
  entries: readonly PutEventsRequestEntry[],
  signal?: AbortSignal,
) => Promise<Partial<PutEventsCommandOutput>>;

export function openEventBridge(access: SdkAccess): PutEvents {
  const client = new EventBridgeClient(sdkSettings(access));
  return (entries, signal) =>
    callSdk(
      access,
      (options) => client.send(new PutEventsCommand({ Entries: [...entries] }), options),
      signal,
    );
}
