; Postrider among the mail programs of Windows, and out again. SHCTX is the user's registry or the machine's, as installed.

!macro customInstall
  WriteRegStr SHCTX "Software\Classes\Postrider.mailto" "" "URL:Mail address"
  WriteRegStr SHCTX "Software\Classes\Postrider.mailto" "URL Protocol" ""
  WriteRegStr SHCTX "Software\Classes\Postrider.mailto\DefaultIcon" "" "$INSTDIR\${APP_EXECUTABLE_FILENAME},0"
  WriteRegStr SHCTX "Software\Classes\Postrider.mailto\shell\open\command" "" '"$INSTDIR\${APP_EXECUTABLE_FILENAME}" "%1"'
  WriteRegStr SHCTX "Software\Classes\Postrider.eml" "" "Mail message"
  WriteRegStr SHCTX "Software\Classes\Postrider.eml\DefaultIcon" "" "$INSTDIR\${APP_EXECUTABLE_FILENAME},0"
  WriteRegStr SHCTX "Software\Classes\Postrider.eml\shell\open\command" "" '"$INSTDIR\${APP_EXECUTABLE_FILENAME}" "%1"'
  WriteRegStr SHCTX "Software\Classes\.eml\OpenWithProgids" "Postrider.eml" ""
  WriteRegStr SHCTX "Software\Clients\Mail\Postrider" "" "Postrider"
  WriteRegStr SHCTX "Software\Clients\Mail\Postrider\Capabilities" "ApplicationName" "Postrider"
  WriteRegStr SHCTX "Software\Clients\Mail\Postrider\Capabilities" "ApplicationDescription" "Mail client with an outgoing-server manager"
  WriteRegStr SHCTX "Software\Clients\Mail\Postrider\Capabilities\URLAssociations" "mailto" "Postrider.mailto"
  WriteRegStr SHCTX "Software\Clients\Mail\Postrider\Capabilities\FileAssociations" ".eml" "Postrider.eml"
  WriteRegStr SHCTX "Software\RegisteredApplications" "Postrider" "Software\Clients\Mail\Postrider\Capabilities"
!macroend

!macro customUnInstall
  DeleteRegValue SHCTX "Software\RegisteredApplications" "Postrider"
  DeleteRegKey SHCTX "Software\Clients\Mail\Postrider"
  DeleteRegKey SHCTX "Software\Classes\Postrider.mailto"
  DeleteRegKey SHCTX "Software\Classes\Postrider.eml"
  DeleteRegValue SHCTX "Software\Classes\.eml\OpenWithProgids" "Postrider.eml"
  Delete "$LOCALAPPDATA\Microsoft\WindowsApps\postrider.cmd"
!macroend
