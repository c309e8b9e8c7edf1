import { MediaQuery } from 'svelte/reactivity';

/** Whether what stands beside a conversation is the only pane here: then its title is the page's. */
export const onlyPane = (): MediaQuery => new MediaQuery('max-width: 63.99rem');
