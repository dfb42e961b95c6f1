import { create } from 'zustand';

interface SearchQueryState {
  /** What is looked for; '' shows the folder. */
  query: string;
  /** In all folders, or in the one in view. */
  isEverywhere: boolean;
}

export const useSearchQuery = create<SearchQueryState>()(() => ({ query: '', isEverywhere: true }));

export function clearSearch(): void {
  useSearchQuery.setState({ query: '', isEverywhere: true });
}

/** Searches everywhere for this: a saved search, or one put together from its parts. */
export function searchFor(query: string): void {
  useSearchQuery.setState({ query, isEverywhere: true });
}
