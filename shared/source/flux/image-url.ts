import { looksLikeHost } from '../../oci/host.ts';

/** An image as Docker writes it: without a host it is on Docker Hub. */
export function imageUrl(image: string): string {
  const slash = image.indexOf('/');
  const isHost = slash > 0 && looksLikeHost(image.slice(0, slash));
  return `oci://${isHost ? '' : 'docker.io/'}${image}`;
}
