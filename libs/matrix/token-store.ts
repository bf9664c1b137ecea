/** Where the access token of one device is kept between runs, for all processes that act as this device. */
export interface TokenStore {
  load(): Promise<string | undefined>;
  save(token: string): Promise<void>;
  /**
   * Runs `work` while no other process runs its own for the same device. A login voids the device's earlier
   * token, so two at once would throw each other out.
   */
  exclusively<T>(work: () => Promise<T>): Promise<T>;
}
