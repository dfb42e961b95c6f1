/** The kit: what a screen is made of. */
export { AddressField, type AddressFieldProps } from './address-field.tsx';
export { Button, type ButtonProps, IconButton, joinClasses, Tooltip } from './button.tsx';
export { Checkbox, RadioCards, RadioGroup, type RadioOption, Switch } from './choice.tsx';
export { Dialog } from './dialog.tsx';
export { NumberField, TextArea, TextField } from './field.tsx';
export { Icon, type IconType } from './icon.tsx';
export { Kbd } from './kbd.tsx';
export { ContextMenu, MenuButton, type MenuEntry } from './menu.tsx';
export { menuPlace } from './menu-place.ts';
export { Banner, Card, Details, EmptyState, ErrorPanel, Section, VisuallyHidden } from './panels.tsx';
export { ProgressBar, ProgressRing, Skeleton } from './progress.tsx';
export { saveText } from './save-text.ts';
export { type Option, Select } from './select.tsx';
export { Splitter, useKeptSize } from './split-pane.tsx';
export { type DeliveryState, StateMark } from './state-mark.tsx';
export { Tabs } from './tabs.tsx';
export { offerUndo, showToast, Toasts } from './toasts.tsx';
