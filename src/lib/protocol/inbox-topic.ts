/** How long the name of an inbox is, in bytes. Apart, so that who reads a contact link needs no more of inboxes. */
export const inboxTopicLength = 32;
