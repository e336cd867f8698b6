@echo off
rem Starts tracking on Windows, without pm2, in a minimised window.
rem
rem     start_motion_tracking.bat             all cameras of config\config_cam.ini
rem     start_motion_tracking.bat press1 ...  only these, a window each
rem
rem Of all cameras, each that crashes is started again.  Close the window to stop them.
setlocal EnableExtensions DisableDelayedExpansion
pushd "%~dp0"
set "NAMES=%TEMP%\motion-track-%RANDOM%-%RANDOM%.txt"
set "CODE=0"

set "MOTION_TRACK=%CD%\.venv\Scripts\motion-track.exe"
if exist "%MOTION_TRACK%" goto find_cameras
set "MOTION_TRACK="
for %%P in (motion-track.exe) do set "MOTION_TRACK=%%~$PATH:P"
if defined MOTION_TRACK goto find_cameras
echo error: motion-track is not installed here 1>&2
echo hint:  python scripts\bootstrap.py 1>&2
set "CODE=2"
goto end

:find_cameras
if not "%~1"=="" goto start_next
"%MOTION_TRACK%" cameras --names > "%NAMES%"
if errorlevel 2 goto no_cameras
for /f "usebackq delims=" %%C in ("%NAMES%") do echo starting %%C& set "FOUND=yes"
del "%NAMES%" 2>nul
if defined FOUND goto start_all
echo error: no camera can be tracked yet 1>&2
echo hint:  motion-track check 1>&2
set "CODE=2"
goto end

:start_all
start "motion-track" /min /d "%CD%" "%MOTION_TRACK%" run --all
if errorlevel 1 set "CODE=70"
goto end

:no_cameras
set "CODE=%ERRORLEVEL%"
del "%NAMES%" 2>nul
goto end

:start_next
if "%~1"=="" goto end
call :start_camera "%~1"
shift
goto start_next

:start_camera
echo starting %~1
start "motion-track %~1" /min /d "%CD%" "%MOTION_TRACK%" run "%~1"
if errorlevel 1 set "CODE=70"
exit /b 0

:end
popd
rem after a double click the window would close before the error is read
if not "%CODE%"=="0" timeout /t 30 2>nul
exit /b %CODE%
