import type { GarOptions } from '../../../source/receiver-entry.ts';
import type { Sender } from './sender.ts';

export const gar = ({ audience, serviceAccount }: GarOptions): Sender => ({
  how: `gcloud pubsub subscriptions create landfall --topic=gcr --push-endpoint=<the URL> --push-auth-service-account=${serviceAccount} --push-auth-token-audience=${audience}`,
  sample:
    'its requests carry a token that Google signs for the service account; push an image, or publish to the topic gcr',
});
