@echo off
rem Starts agentsim with the first Python that the wheels of this folder are made for.
cd /d "%~dp0"
for %%v in (3.14 3.13 3.12 3.11) do (
  py -%%v start.py --check >nul 2>nul && (
    py -%%v start.py %*
    goto end
  )
)
python start.py %*
if errorlevel 9009 echo Python is missing: see README.txt
:end
pause
