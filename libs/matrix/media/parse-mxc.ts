export interface MxcParts {
  readonly server: string;
  readonly id: string;
}

/** A DNS name, an IPv4 address or an IPv6 address in brackets, with or without a port (appendices, "Server Name"). */
const serverName =
  /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?$/;
/** What the specification lets a media id be: nothing of it can climb in a path. */
const mediaId = /^[A-Za-z0-9_-]{1,255}$/;

/** The parts of an `mxc:` URI (client-server API, "Matrix Content (mxc://) URIs"); undefined for anything else. */
export function parseMxc(uri: string): MxcParts | undefined {
  const [, server, id] = /^mxc:\/\/([^/]+)\/([^/]+)$/.exec(uri) ?? [];
  if (server === undefined || id === undefined) return undefined;
  return serverName.test(server) && mediaId.test(id) ? { server, id } : undefined;
}
